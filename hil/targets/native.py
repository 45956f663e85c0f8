"""The firmware built for this machine, as a process of its own on a pty; it lives no longer than whoever started it."""

import select
import signal
import subprocess
from pathlib import Path
from typing import Final

from pumpbench.hil import child
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.firmware import PROCESS, built
from pumpbench.hil.links import Link, SerialLink
from pumpbench.hil.targets.target import Target

START_S: Final = 10.0
END_S: Final = 0.5
"""Its port hangs up a moment before the system says how it ended."""
FROM_OUTSIDE: Final = (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP)


class NativeTarget(Target):
    """Starts the process, waits for the line that names its pty, and opens that with pyserial.

    `program`: another build of it, for instance a planted one. Raises `FirmwareMissing`, `RigBroken` or a `LinkError`.
    """

    name = "native"
    independent = True
    device = None

    def __init__(self, program: Path | None = None) -> None:
        self._process = child.start([str(program or built(PROCESS))], stdout=subprocess.PIPE)
        try:
            self.link: Link = SerialLink(self._path())
        except BaseException:
            child.end(self._process)
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def crashed(self) -> str:
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            return ""
        if code == 0 or -code in FROM_OUTSIDE:
            return ""
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return f"the firmware ended itself {how}"

    def alive(self) -> str:
        doing = child.doing(self._process)
        return f"its process {self.pid} is alive ({doing})" if doing else ""

    def close(self) -> None:
        self.link.close()
        child.end(self._process)

    def _path(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_S)
        line = self._process.stdout.readline().decode(errors="replace").strip() if ready else ""
        if not line:
            raise RigBroken(self.name, f"the firmware did not name its port in {START_S:g} s", "run it by hand and see why")
        return line
