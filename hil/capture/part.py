"""A file being made beside its name, which it gets whole or not at all; it knows no content."""

import os
from pathlib import Path

from pumpbench.hil.capture.errors import CaptureError, CaptureExists


class Part:
    """Write to `path`, then `finish`. Raises `CaptureExists` without `force`, `CaptureError` where `name` may not be replaced.

    `sources`: files that are read meanwhile, none of which may be written.
    """

    def __init__(self, name: Path, force: bool = False, sources: tuple[Path, ...] = ()) -> None:
        self.name = name
        if name.exists() and any(source.exists() and name.samefile(source) for source in sources):
            raise CaptureError(name, "is the file that is read", "choose another name")
        if name.exists() and not force:
            raise CaptureExists(name, "exists", "choose another name, or --force to replace it")
        if name.exists() and not name.is_file():
            raise CaptureError(name, "is no file, and --force replaces files alone", "choose another name")
        self.path = name.with_name(f".{name.name}.{os.getpid()}.part")
        self.path.unlink(missing_ok=True)

    def create(self) -> None:
        """Makes it empty, readable by its owner alone: what stands in it tells of a patient."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def finish(self) -> None:
        """In one step. Raises `CaptureError`."""
        try:
            self.path.replace(self.name)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def drop(self) -> None:
        """Leaves nothing behind; does nothing after `finish`."""
        self.path.unlink(missing_ok=True)

    def _unwritable(self, problem: OSError) -> CaptureError:
        remedy = "choose a folder that exists and that you may write"
        return CaptureError(self.name, f"cannot be written ({problem.strerror})", remedy)
