"""Where a new capture goes: its name, its rights, what it may replace; knows no record."""

import contextlib
import datetime
import os
import re
import stat
from pathlib import Path

from pumpbench.hil.capture.errors import CaptureError, CaptureExists

SUFFIX = ".pcapng"
LATEST = "latest"
WORD_MAX = 110
"""Of either word in a name, of which most systems take 255 bytes: a target may be a path of any length, its end tells most."""


def capture_path(folder: Path, scenario: str, target: str, at: datetime.datetime) -> Path:
    """`<scenario>-<target>-<utc>.pcapng`, with whatever a file name should not hold made an underscore."""
    words = (re.sub(r"[^A-Za-z0-9._]+", "_", word).strip("_.")[-WORD_MAX:] or "unnamed" for word in (scenario, target))
    return folder / ("-".join([*words, at.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")]) + SUFFIX)


def create(path: Path, opening: bytes, force: bool) -> int:
    """A descriptor that appends to a new file, mode 0600, that begins with `opening`.

    With `force` a file of that name is replaced in one step, by one that is a valid capture already: at no
    moment is the name missing or torn. Raises `CaptureExists`, or `CaptureError` when the place takes no file.
    """
    if force:
        _refuse_what_is_no_file(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}") if force else path
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as problem:
        # A file in the folder's place "exists" too, but no --force would help.
        raise _unwritable(path, problem) from problem
    try:
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except FileExistsError as problem:
        raise CaptureExists(fresh, "exists", "choose another name, or --force to replace it") from problem
    except OSError as problem:
        raise _unwritable(path, problem) from problem
    try:
        write_all(fd, opening)
        if force:
            fresh.replace(path)
        return fd
    except OSError as problem:
        os.close(fd)
        fresh.unlink()
        raise _unwritable(path, problem) from problem


def _refuse_what_is_no_file(path: Path) -> None:
    """A pipe or a device, such as /dev/null, is what others use by that name: it must not become a file."""
    with contextlib.suppress(OSError):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
            raise CaptureError(path, "is no file, and --force replaces files alone", "choose another name")


def write_all(fd: int, data: bytes) -> None:
    """One write, or as many as it takes. Raises OSError."""
    written = os.write(fd, data)
    while written != len(data):
        written += os.write(fd, data[written:])


def point_latest(path: Path) -> Path:
    """Makes `latest` beside the capture point at it, in one step, and gives that symlink. Raises `CaptureError`."""
    latest = path.with_name(LATEST)
    if latest.exists() and not latest.is_symlink():
        raise CaptureError(latest, "is not a symlink", "move it away: that name points at the newest capture")
    fresh = path.with_name(f".{LATEST}.{os.getpid()}")
    try:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(path.name)
        return fresh.replace(latest)
    except OSError as problem:
        raise _unwritable(latest, problem) from problem


def mend_latest(folder: Path) -> None:
    """Where `latest` points at a capture that is gone: makes it point at the newest there is, or removes it."""
    latest = folder / LATEST
    if not latest.is_symlink() or latest.exists():
        return
    left = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
    if left:
        point_latest(left[-1])
    else:
        latest.unlink(missing_ok=True)


def _unwritable(path: Path, problem: OSError) -> CaptureError:
    return CaptureError(path, f"cannot be written ({problem.strerror})", "choose a folder that exists and that you may write")
