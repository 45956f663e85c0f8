"""Opens a capture for a verb, or ends the verb in one line; it must not know what the verb wants of it."""

from pathlib import Path

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.verify import LARGE_BYTES
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.tools.failure import Failed


def load_capture(path: Path) -> Recorded:
    """Raises `Failed` for a file that cannot be read or holds nothing of a bench."""
    try:
        recorded = load(path, library_for(path))
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if recorded.header is None and not recorded.requests:
        what = str(recorded.gaps[0]) if recorded.gaps else "it is empty"
        raise Failed(f"{path}: no capture of this bench ({what}); give one, such as out/latest")
    return recorded


def library_for(path: Path) -> NativeLibrary | None:
    """None where the file is small, or no firmware can be built here: it only saves time."""
    if not path.is_file() or path.stat().st_size < LARGE_BYTES:
        return None
    try:
        return NativeLibrary()
    except RigBroken:
        return None
