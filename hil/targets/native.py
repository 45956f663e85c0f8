"""The firmware built for this machine, as a process of its own on a pty; it lives no longer than whoever started it."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.firmware import PROCESS, built
from pumpbench.hil.links import Link, SerialLink
from pumpbench.hil.targets.target import Target

START_S: Final = 10.0
STOP_S: Final = 2.0
SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl's PR_SET_PDEATHSIG


class NativeTarget(Target):
    """Starts the process, waits for the line that names its pty, and opens that with pyserial.

    `program`: another build of it, for instance a planted one. Raises `FirmwareMissing`, `RigBroken` or a `LinkError`.
    """

    name = "native"
    independent = True
    device = None

    def __init__(self, program: Path | None = None) -> None:
        self._process = _start(program or built(PROCESS))
        try:
            self.link: Link = SerialLink(self._path())
        except BaseException:
            self._end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        self.link.close()
        self._end()

    def _path(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_S)
        line = self._process.stdout.readline().decode(errors="replace").strip() if ready else ""
        if not line:
            raise RigBroken(self.name, f"the firmware did not name its port in {START_S:g} s", "run it by hand and see why")
        return line

    def _end(self) -> None:
        """By its own pid, politely first."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _start(program: Path) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def die_with_parent() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # it died before the call above could be heard

    return subprocess.Popen(
        [str(program)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0, preexec_fn=die_with_parent
    )
