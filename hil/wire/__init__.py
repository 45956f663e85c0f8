"""A wire that errs as it is told: which frames it loses, repeats, holds back or garbles. Knows no pump and opens nothing."""

from pumpbench.hil.wire.device_end import DeviceEnd
from pumpbench.hil.wire.fault import ARGUMENTS, KINDS, Fault, Wire
from pumpbench.hil.wire.generate import generate
from pumpbench.hil.wire.lane import Counts
from pumpbench.hil.wire.link import WireLink
from pumpbench.hil.wire.reduce import reduced

__all__ = ["ARGUMENTS", "KINDS", "Counts", "DeviceEnd", "Fault", "Wire", "WireLink", "generate", "reduced"]
