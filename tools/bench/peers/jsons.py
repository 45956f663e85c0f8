"""Python's own JSON, a line for each message of 12 fields that is a dict already: no frame is read or judged."""

import json
from contextlib import ExitStack

from pumpbench.protocol.declare import layout_of
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

MESSAGES = 20_000


def dumps(setting: Setting, stack: ExitStack) -> Round:
    names = [field.name for field in layout_of(Telemetry).fields]
    fields = [dict(zip(names, values, strict=True)) for values in payload.telemetry_values(setting.count(MESSAGES))]
    told = [
        {"t_ns": str(payload.START_NS + n), "dir": "inbound", "ok": True, "seq": n, "fields": one} for n, one in enumerate(fields)
    ]
    path = setting.folder / "peer.ndjson"

    def work() -> int:
        with path.open("w") as file:
            for one in told:
                file.write(json.dumps(one) + "\n")
        return len(told)

    return per_second(work)
