"""A small empty disk for QEMU to keep snapshots in; it has no name once made, so it ends with QEMU."""

import tempfile
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.qemu.qmp import Qmp

NODE: Final = "snapshots"
DISK_BYTES: Final = 1 << 20


def add_disk(qmp: Qmp) -> None:
    """Raises what `Qmp.execute` does."""
    with tempfile.TemporaryDirectory(prefix="pumpbench-") as folder:
        path = str(Path(folder) / "snapshots.qcow2")
        _create(qmp, driver="file", filename=path, size=0)
        qmp.execute("blockdev-add", driver="file", node_name=f"{NODE}-file", filename=path)
        _create(qmp, driver="qcow2", file=f"{NODE}-file", size=DISK_BYTES)
        qmp.execute("blockdev-add", driver="qcow2", node_name=NODE, file=f"{NODE}-file")


def _create(qmp: Qmp, **options: Any) -> None:
    qmp.execute("blockdev-create", job_id="create", options=options)
    while qmp.wait_event("JOB_STATUS_CHANGE")["data"]["status"] != "concluded":
        pass
    qmp.execute("job-dismiss", id="create")
