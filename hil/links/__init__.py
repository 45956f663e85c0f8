"""Links: whatever moves bytes between host and device, behind one face. Knows no frame."""

from pumpbench.hil.links.errors import (
    LinkError,
    LinkLost,
    LinkStalled,
    NotOnRecord,
    PortBusy,
    PortDenied,
    PortMissing,
    UrlInvalid,
)
from pumpbench.hil.links.link import DIRECTION_NAMES, INBOUND, NEITHER, OUTBOUND, Direction, Link, ServingLink
from pumpbench.hil.links.memory import MemoryLink, memory_pair
from pumpbench.hil.links.pty import PtyLink
from pumpbench.hil.links.reconnecting import ReconnectingLink
from pumpbench.hil.links.serial import BAUD_DEFAULT, SerialLink
from pumpbench.hil.links.tap import Sink, Tap, steady_clock
from pumpbench.hil.links.tcp import LOOPBACK, TcpLink

__all__ = [
    "BAUD_DEFAULT",
    "DIRECTION_NAMES",
    "INBOUND",
    "LOOPBACK",
    "NEITHER",
    "OUTBOUND",
    "Direction",
    "Link",
    "LinkError",
    "LinkLost",
    "LinkStalled",
    "MemoryLink",
    "NotOnRecord",
    "PortBusy",
    "PortDenied",
    "PortMissing",
    "PtyLink",
    "ReconnectingLink",
    "SerialLink",
    "ServingLink",
    "Sink",
    "Tap",
    "TcpLink",
    "UrlInvalid",
    "memory_pair",
    "steady_clock",
]
