"""Recordings as usbmon and tcpdump would write them, of transfers that are told; spells every byte itself and judges nothing."""

import itertools
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.usb.composite import composite
from pumpbench.hil.usb.descriptors import Built
from pumpbench.protocol.frame import device_frame, host_frame
from pumpbench.protocol.messages import Done, Identify

CONTROL, BULK = 2, 3
EINPROGRESS: Final = -115
START_NS: Final = 1_700_000_000_000_000_000
STEP_NS: Final = 1_000_000
"""Between two events; a pcap of microseconds keeps it whole."""
URBS: Final = tuple(0xFFFF_8880_0000_0100 + 64 * number for number in range(6))
DEVICE_DESCRIPTOR: Final = bytes.fromhex("8006000100001200")

ASKED: Final = host_frame(Identify(), 0, 1)
TOLD: Final = device_frame(Done(done_type=1), 0, 1, 0, 1, 7)
TALK: Final[list[tuple[Direction, bytes]]] = [(OUTBOUND, ASKED), (INBOUND, TOLD), (OUTBOUND, ASKED), (INBOUND, TOLD)]


@dataclass
class Bus:
    """`events`: headers and data, in order, for the link type 189 or 220 and the byte order of `sign`."""

    link_type: int = 220
    sign: str = "<"
    number: int = 1
    events: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._urbs = itertools.cycle(URBS)

    def event(
        self, urb: int, kind: bytes, transfer: int, endpoint: int, device: int, *,
        size: int, status: int = 0, setup: bytes = b"", data: bytes | None = None, kept: int | None = None,
    ) -> None:  # fmt: skip
        """`data` None: not there by the nature of the event. `kept`: fewer of it than there were."""
        t_ns = START_NS + STEP_NS * len(self.events)
        absent = b"<" if endpoint & 0x80 else b">"
        held = b"" if data is None else data[: len(data) if kept is None else kept]
        head = struct.pack(
            self.sign + "QcBBBHccqiiII8s",
            urb, kind, transfer, endpoint, device, self.number, b"\0" if setup else b"-", b"\0" if data is not None else absent,
            t_ns // 10**9, t_ns % 10**9 // 1000, status, size, len(held), setup,
        )  # fmt: skip
        self.events.append(head + (struct.pack(self.sign + "iiII", 0, 0, 0, 0) if self.link_type == 220 else b"") + held)

    def named(self, device: int, descriptor: bytes) -> None:
        """The host asks a device what it is."""
        urb = next(self._urbs)
        self.event(urb, b"S", CONTROL, 0x80, device, size=18, status=EINPROGRESS, setup=DEVICE_DESCRIPTOR)
        self.event(urb, b"C", CONTROL, 0x80, device, size=len(descriptor), data=descriptor)

    def pump(self, device: int) -> None:
        self.named(device, Built(composite("P1")).device)

    def passed(self, device: int, direction: Direction, data: bytes, endpoint: int = 1, kept: int | None = None) -> None:
        """One whole bulk transfer."""
        urb = next(self._urbs)
        if direction == OUTBOUND:
            self.event(urb, b"S", BULK, endpoint, device, size=len(data), status=EINPROGRESS, data=data, kept=kept)
            self.event(urb, b"C", BULK, endpoint, device, size=len(data))
        else:
            self.event(urb, b"S", BULK, endpoint | 0x80, device, size=16384, status=EINPROGRESS)
            self.event(urb, b"C", BULK, endpoint | 0x80, device, size=len(data), data=data, kept=kept)

    def talk(self, device: int, said: Iterable[tuple[Direction, bytes]], endpoint: int = 1) -> None:
        for direction, data in said:
            self.passed(device, direction, data, endpoint)

    def pcap(self, fractions: int = 10**6, snap: int | None = None) -> bytes:
        """`fractions`: of a second, a million or a thousand of them. `snap`: longer packets are cut off there."""
        magic = 0xA1B2C3D4 if fractions == 10**6 else 0xA1B23C4D
        whole = struct.pack(self.sign + "IHHiIII", magic, 2, 4, 0, 0, 262144, self.link_type)
        for number, event in enumerate(self.events):
            t_ns = START_NS + STEP_NS * number
            kept = event[:snap]
            stamp = t_ns // 10**9, t_ns % 10**9 * fractions // 10**9
            whole += struct.pack(self.sign + "IIII", *stamp, len(kept), len(event)) + kept
        return whole

    def pcapng(self) -> bytes:
        """Times in microseconds, as tcpdump and dumpcap write them unless told otherwise."""
        whole = self._block(0x0A0D0D0A, struct.pack(self.sign + "IHHq", 0x1A2B3C4D, 1, 0, -1))
        whole += self._block(1, struct.pack(self.sign + "HHI", self.link_type, 0, 262144))
        for number, event in enumerate(self.events):
            t_us = (START_NS + STEP_NS * number) // 1000
            head = struct.pack(self.sign + "IIIII", 0, t_us >> 32, t_us & 0xFFFF_FFFF, len(event), len(event))
            whole += self._block(6, head + event + bytes(-len(event) % 4))
        return whole

    def _block(self, kind: int, body: bytes) -> bytes:
        length = len(body) + 12
        return struct.pack(self.sign + "II", kind, length) + body + struct.pack(self.sign + "I", length)


def told_bus(**how: object) -> Bus:
    """A pump that is plugged in, and `TALK`."""
    bus = Bus(**how)  # type: ignore[arg-type]
    bus.pump(5)
    bus.talk(5, TALK)
    return bus
