"""A file being made beside its name, which it gets whole or not at all; it knows no content."""

import errno
import os
from pathlib import Path
from typing import Final

from pumpbench.hil.capture.errors import CaptureError, CaptureExists

_PLACE: Final = {errno.EACCES, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EPERM, errno.EROFS}
"""What is wrong with the folder; anything else is wrong with the room in it."""


class Part:
    """Write to `path`, then `finish`. Raises `CaptureExists` without `force`, and where `name` may not be replaced at all.

    `sources`: files that are read meanwhile, none of which may be written.
    """

    def __init__(self, name: Path, force: bool = False, sources: tuple[Path, ...] = ()) -> None:
        self.name = name
        if name.exists() and any(source.exists() and name.samefile(source) for source in sources):
            raise CaptureExists(name, "is the file that is read", "choose another name")
        if name.exists() and not force:
            raise CaptureExists(name, "exists", "choose another name, or --force to replace it")
        if name.exists() and not name.is_file():
            raise CaptureExists(name, "is no file, and --force replaces files alone", "choose another name")
        self.path = name.with_name(f".{name.name}.{os.getpid()}.part")
        self.path.unlink(missing_ok=True)

    def create(self) -> None:
        """Makes it empty, readable by its owner alone: what stands in it tells of a patient."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def finish(self) -> None:
        """In one step. Raises `CaptureError`."""
        try:
            self.path.replace(self.name)
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def drop(self) -> None:
        """Leaves nothing behind; does nothing after `finish`."""
        self.path.unlink(missing_ok=True)

    def unwritable(self, problem: Exception) -> CaptureError:
        """What to raise where writing failed: it names the file that was asked for, not this one beside it."""
        cause = problem.__cause__ if isinstance(problem, CaptureError) else problem
        code, said = (cause.errno, cause.strerror) if isinstance(cause, OSError) else (None, None)
        place = "choose a folder that exists and that you may write"
        remedy = place if code in _PLACE else "make room there, or choose another folder"
        return CaptureError(self.name, f"cannot be written ({said or cause})", remedy)
