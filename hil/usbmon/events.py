"""The events that usbmon writes of a transfer, submission and end, and how they lie in bytes; pairs none of them.

Source: Linux, Documentation/usb/usbmon.rst, "Raw binary format and API"; the link types are those of tcpdump.org.
"""

import struct
from typing import Final, NamedTuple

from pumpbench.hil.usbmon.packets import Packet

LINKTYPES: Final = {189: 48, 220: 64}
"""USB_LINUX and USB_LINUX_MMAPPED, each with the size of its header: the second is longer by four numbers."""
SUBMITTED, ENDED, REFUSED = b"S", b"C", b"E"
CONTROL, BULK = 2, 3
"""Kinds of transfer."""
IN: Final = 0x80
PRESENT: Final = 0
"""What the flags of setup and of data are where those are there; else a character that says why not."""
ISO_DESCRIPTOR_BYTES: Final = 16
SHAPE: Final = "QcBBBHBBqiiII8s"
MORE: Final = "iiII"


class Event(NamedTuple):
    """`size_bytes`: asked for in a submission, passed in an end. `data`: what was kept of it; `lost_bytes`: what was not.

    `urb`: the same in the submission and the end of one transfer, and used again by later ones.
    """

    urb: int
    kind: bytes
    transfer: int
    endpoint: int
    device: int
    bus: int
    t_ns: int
    status: int
    size_bytes: int
    setup: bytes
    data: bytes
    lost_bytes: int
    offset: int

    @property
    def where(self) -> tuple[int, int]:
        """Bus and device."""
        return self.bus, self.device

    @property
    def inbound(self) -> bool:
        return bool(self.endpoint & IN)


_SHAPES: Final = {(link, sign): struct.Struct(sign + SHAPE) for link in LINKTYPES for sign in "<>"}


def event_of(packet: Packet) -> Event | None:
    """None of one too short to be an event. Its link type is of `LINKTYPES`."""
    head_bytes = LINKTYPES[packet.link_type]
    if len(packet.data) < head_bytes:
        return None
    fields = _SHAPES[packet.link_type, packet.sign].unpack_from(packet.data)
    urb, kind, transfer, endpoint, device, bus, no_setup, no_data, _, _, status, size, kept, setup = fields
    start = head_bytes
    if head_bytes > 48:
        (count,) = struct.unpack_from(packet.sign + "I", packet.data, 60)
        start += ISO_DESCRIPTOR_BYTES * count
    data = packet.data[start : start + kept] if no_data == PRESENT else b""
    carries = no_data == PRESENT and size > 0
    return Event(
        urb=urb,
        kind=kind,
        transfer=transfer,
        endpoint=endpoint,
        device=device,
        bus=bus,
        t_ns=packet.t_ns,
        status=status,
        size_bytes=size,
        setup=setup if no_setup == PRESENT and kind == SUBMITTED else b"",
        data=data,
        lost_bytes=max(0, size - len(data)) if carries else 0,
        offset=packet.offset,
    )
