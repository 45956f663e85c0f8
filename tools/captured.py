"""Opens a capture for a verb, or ends the verb in one line; it must not know what the verb wants of it."""

from pathlib import Path

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.replay.recorded import Recorded, load
from pumpbench.tools.failure import Failed


def load_capture(path: Path) -> Recorded:
    """Raises `Failed` for a file that cannot be read or holds nothing of a bench."""
    try:
        recorded = load(path)
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if recorded.header is None and not recorded.requests:
        what = str(recorded.gaps[0]) if recorded.gaps else "it is empty"
        raise Failed(f"{path}: no capture of this bench ({what}); give one, such as out/latest")
    return recorded
