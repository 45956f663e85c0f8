"""Starts processes that live no longer than whoever started them, and ends them by their own pid; knows not what they run."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

STOP_S: Final = 2.0
STATES: Final = {"R": "computing", "S": "waiting", "D": "waiting", "T": "stopped from outside", "t": "stopped by a debugger"}
SET_PARENT_DEATH_SIGNAL: Final = 1  # prctl's PR_SET_PDEATHSIG


def start(command: Sequence[str], last: signal.Signals = signal.SIGTERM, **popen: Any) -> subprocess.Popen[bytes]:
    """Without a stdin. `last` is what the system sends it when the thread that calls this ends: start from one that stays.

    Raises OSError where the program cannot be run.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def die_with_parent() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, last)
        if os.getppid() != parent:
            os._exit(1)  # it died before the call above could be heard

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, bufsize=0, preexec_fn=die_with_parent, **popen)


def doing(process: subprocess.Popen[bytes]) -> str:
    """`computing`, `waiting` or `stopped from outside`, as /proc tells it; empty where it has ended."""
    if process.poll() is not None:
        return ""
    try:
        # The fields are split after the command, which may hold spaces.
        letter = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        letter = ""
    return STATES.get(letter, "in a state unknown")


def end(process: subprocess.Popen[bytes], politely: bool = True) -> None:
    """Returns when it has ended; a second call does nothing. Not `politely`: at once, even where it is stopped."""
    if politely:
        process.terminate()
    else:
        process.kill()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
