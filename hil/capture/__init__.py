"""Captures: what passed on the lines of a bench, kept so that it can be read again. Knows no verdict."""

from pumpbench.hil.capture.canonical import canonical, plain, wide
from pumpbench.hil.capture.errors import CaptureError, CaptureExists
from pumpbench.hil.capture.newfile import capture_path, mend_latest, point_latest
from pumpbench.hil.capture.reader import Damage, Record, read, read_stream
from pumpbench.hil.capture.verify import Verification, Verifier, parse_meta, verify
from pumpbench.hil.capture.writer import CaptureWriter

__all__ = [
    "CaptureError",
    "CaptureExists",
    "CaptureWriter",
    "Damage",
    "Record",
    "Verification",
    "Verifier",
    "canonical",
    "capture_path",
    "mend_latest",
    "parse_meta",
    "plain",
    "point_latest",
    "read",
    "read_stream",
    "verify",
    "wide",
]
