"""Knows whether a file can be looked at as a capture, and what to say where it cannot; it must not read records."""

from pathlib import Path
from typing import Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.replay.survey import Survey, survey
from pumpbench.tools.failure import Failed

REMEDY: Final = "give a capture, such as out/latest"


def surveyed(path: Path) -> Survey:
    """Raises `Failed` for a file that cannot be read, or that holds nothing of a capture."""
    try:
        found = survey(path)
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if not found.records:
        what = "holds no record that could be read" if found.lost_bytes else "holds no record"
        raise Failed(f"{path}: {what}; {REMEDY}; bytes as they passed on a wire are read by decode and import")
    return found
