"""Arrow's own writers, from columns that are in memory already: what no conversion of frames can reach."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq

from pumpbench.protocol.columns import dtype_of
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second
from pumpbench.tools.bench.long_capture import FRAMES

DISTRIBUTION = "pyarrow"
DISTINCT = 1_000


def parquet(setting: Setting, stack: ExitStack) -> Round:
    return _written(setting, lambda table, out: pq.write_table(table, out, compression="zstd"))


def ipc(setting: Setting, stack: ExitStack) -> Round:
    return _written(setting, feather.write_feather)


def csv(setting: Setting, stack: ExitStack) -> Round:
    return _written(setting, pc.write_csv)


def _written(setting: Setting, write: Callable[[Any, str], object]) -> Round:
    """Time and fields of so many messages."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    count = setting.count(FRAMES)
    rows = np.resize(np.array(payload.telemetry_values(DISTINCT), dtype=object), (count, len(layout_of(Telemetry).fields)))
    kinds = dtype_of(layout_of(Telemetry))
    columns = {name: pa.array(rows[:, at].astype(kinds[name])) for at, name in enumerate(kinds.names or ())}
    table = pa.table({"t_ns": pa.array(np.arange(count, dtype=np.uint64)), **columns})
    out = str(setting.folder / "peer.table")

    def work() -> int:
        write(table, out)
        return count

    return per_second(work)
