"""One lock per board, so that nobody flashes what another is testing; it says who holds it and since when. Opens no board."""

import contextlib
import datetime
import fcntl
import json
import os
import re
import stat
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pumpbench.hil.errors import RigBroken

SHARED: Final = Path("/run/lock")
LOOK_S: Final = 0.05
HOLDER_BYTES_MAX: Final = 4096
COMMAND_CHARS_MAX: Final = 80


class BoardBusy(RigBroken):
    """Somebody else holds the board: wait, or end them."""


class BoardLock:
    """Held from construction to `close`, or to the end of this process, whichever comes first.

    `purpose` is what others are told it is held for. Raises `BoardBusy` after `wait_s`.
    """

    def __init__(self, board: str, purpose: str, wait_s: float = 0.0, folder: Path | None = None) -> None:
        self.board = board
        self._fd = _opened((folder or _folder()) / f"pumpbench-{re.sub('[^A-Za-z0-9._-]', '_', board)}.lock")
        try:
            self._take(wait_s)
        except BaseException:
            os.close(self._fd)
            raise
        self._note({"pid": os.getpid(), "command": _command(), "purpose": purpose, "since": _now()})

    def close(self) -> None:
        """Lets go; a second call does nothing. The file stays: another may be waiting on it."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _take(self, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                return fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise BoardBusy(self.board, f"held by {self._holder()}", "end it, or wait for it with --wait 10m")
            time.sleep(min(LOOK_S, left_s))

    def _holder(self) -> str:
        try:
            who = json.loads(os.pread(self._fd, HOLDER_BYTES_MAX, 0))
            return f"pid {who['pid']} ({who['command']}) to {who['purpose']}, since {who['since']}"
        except (ValueError, KeyError, TypeError, OSError):
            return "a process that has not said who it is"

    def _note(self, who: dict[str, str | int]) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps(who).encode(), 0)


def _folder() -> Path:
    """Where every user of this machine looks."""
    return SHARED if os.access(SHARED, os.W_OK) else Path(tempfile.gettempdir())


def _opened(path: Path) -> int:
    """Made for every user, because a board is not one user's. Raises `RigBroken`."""
    try:
        try:
            # Not created where it stands: the system forbids that for another user's file in a shared folder.
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            with contextlib.suppress(PermissionError):
                os.fchmod(fd, 0o666)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise RigBroken(str(path), "is no lock file", "remove it")
        return fd
    except OSError as problem:
        raise RigBroken(
            str(path), f"the board's lock cannot be opened ({problem.strerror})", "remove it, or mend its rights"
        ) from problem


def _command() -> str:
    return " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]])[:COMMAND_CHARS_MAX]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
