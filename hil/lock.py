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
LOOK_S: Final = 0.02
HOLDER_BYTES_MAX: Final = 4096
COMMAND_CHARS_MAX: Final = 80


class BoardBusy(RigBroken):
    """Somebody else holds the board: wait, or end them."""


class BoardLock:
    """Held from construction to `close`, or to the end of this process, whichever comes first.

    `board`: its id; what stands behind a `#` tells it from others of its name, and is told nobody.
    `purpose` is what others are told it is held for. Raises `BoardBusy` after `wait_s`.
    """

    def __init__(self, board: str, purpose: str, wait_s: float = 0.0, folder: Path | None = None) -> None:
        self.board = board
        self._path = (folder or _folder()) / f"pumpbench-{re.sub('[^A-Za-z0-9._-]', '_', board)}.lock"
        self._fd = self._taken(wait_s)
        note = {"pid": os.getpid(), "command": _command(), "purpose": purpose, "since": _now()}
        os.pwrite(self._fd, json.dumps(note).encode(), 0)

    def close(self) -> None:
        """Lets go, and leaves no file where that may be removed; a second call does nothing."""
        if self._fd >= 0:
            # Still locked: who waits on this very file finds it gone, and takes a new one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                os.unlink(self._path)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _taken(self, wait_s: float) -> int:
        deadline = time.monotonic() + wait_s
        while True:
            fd = _opened(self._path)
            locked = _locks(fd)
            if locked and _is_at(fd, self._path):
                os.ftruncate(fd, 0)  # what a holder that was killed has left
                return fd
            who = _holder(fd)
            os.close(fd)
            if locked:
                continue
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise BoardBusy(self.board.partition("#")[0], f"held by {who}", "end it, or wait for it with --wait 10m")
            time.sleep(min(LOOK_S, left_s))


def _locks(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(fd: int, path: Path) -> bool:
    """False where the last holder has removed the file since it was opened: a lock on it would be nobody else's."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


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


def _holder(fd: int) -> str:
    try:
        who = json.loads(os.pread(fd, HOLDER_BYTES_MAX, 0))
        return f"pid {who['pid']} ({who['command']}) to {who['purpose']}, since {who['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "a process that has not said who it is"


def _command() -> str:
    return " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]])[:COMMAND_CHARS_MAX]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
