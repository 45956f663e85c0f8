"""Knows whether a file can be looked at as a capture, and what to say where it cannot; it must not read records."""

from pathlib import Path
from typing import Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.replay.survey import Survey, survey
from pumpbench.tools.captured import library_for
from pumpbench.tools.failure import Failed

REMEDY: Final = "give a capture, such as out/latest"
ELSE: Final = "bytes as they passed on a wire are read by decode and import"


def surveyed(path: Path) -> Survey:
    """Raises `Failed` for a file that cannot be read, or that holds nothing of a capture."""
    try:
        found = survey(path, library_for(path))
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if not found.records:
        what = "holds no record that could be read" if found.lost_bytes else "holds no record"
        raise Failed(f"{path}: {what}; {REMEDY}; {ELSE}")
    return found


def look(path: Path) -> None:
    """Raises `Failed` for what `surveyed` would refuse, without reading on: a copy of nothing would look like a capture."""
    refuse_no_file(path, REMEDY)
    try:
        found = any(isinstance(item, Record) for item in read(path))
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if not found:
        raise Failed(f"{path}: holds no record that could be read; recover it first if it is a damaged capture; {ELSE}")


def refuse_no_file(path: Path, remedy: str) -> None:
    """Raises `Failed` where no file stands there to be read: what is read twice cannot be a pipe."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no regular file" if path.exists() else "no such file"
        raise Failed(f"{path}: {what}; {remedy}")
