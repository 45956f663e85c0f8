"""Which processes have a device file open, as /proc tells it; knows nothing of links, and is silent where /proc is."""

import datetime
import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
COMMAND_CHARS_MAX = 80


class Holder(NamedTuple):
    """A process that has the file open; `since` is when that process started, in local time."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        who = "this very process" if self.pid == os.getpid() else f"pid {self.pid}"
        return f"{who} ({self.command}, running since {self.since})"


def holders(path: str) -> list[Holder]:
    """Every process seen to hold `path`; those of other users are invisible to all but root."""
    real = os.path.realpath(path)
    pids = sorted(int(entry) for entry in _names(PROC) if entry.isdigit())
    return [_describe(pid) for pid in pids if _has_open(pid, real)]


def eavesdroppers(path: str) -> list[Holder]:
    """Other processes that would take some of what comes from `path`; who serves a pty may hold its slave open, too."""
    index = os.path.basename(os.path.realpath(path))
    return [one for one in holders(path) if one.pid != os.getpid() and not _serves(one.pid, index) and not _is_our_fork(one.pid)]


def _is_our_fork(pid: int) -> bool:
    """Whether it is a child of this process that has not become a program of its own yet: it holds what we hold."""
    parent = _text(PROC / str(pid) / "stat").rpartition(")")[2].split()[1:2]
    own = _text(PROC / str(os.getpid()) / "cmdline")
    return parent == [str(os.getpid())] and _text(PROC / str(pid) / "cmdline") == own


def _serves(pid: int, index: str) -> bool:
    """Whether the process has the master of pty `index` open."""
    folder = PROC / str(pid)
    masters = [fd for fd in _names(folder / "fd") if _target(f"{folder}/fd/{fd}").endswith("/ptmx")]
    return any(f"tty-index:\t{index}\n" in _text(folder / "fdinfo" / fd) for fd in masters)


def _has_open(pid: int, real: str) -> bool:
    folder = PROC / str(pid) / "fd"
    return any(_target(f"{folder}/{fd}") == real for fd in _names(folder))


def _describe(pid: int) -> Holder:
    words = _text(PROC / str(pid) / "cmdline").rstrip("\0").split("\0")
    return Holder(pid, " ".join(words)[:COMMAND_CHARS_MAX] or "unknown command", _started(pid))


def _started(pid: int) -> str:
    """Field 22 of stat counts clock ticks since boot; the fields are split after the command, which may hold spaces."""
    fields = _text(PROC / str(pid) / "stat").rpartition(")")[2].split()
    boot = [line.split()[1] for line in _text(PROC / "stat").splitlines() if line.startswith("btime ")]
    if len(fields) < 20 or not boot:
        return "unknown"
    started_s = int(boot[0]) + int(fields[19]) // os.sysconf("SC_CLK_TCK")
    return datetime.datetime.fromtimestamp(started_s, datetime.UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
