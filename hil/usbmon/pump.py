"""Which devices of a usbmon recording are pumps, and their bulk bytes as records of a capture; decodes only to see who speaks."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.links.link import INBOUND
from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID
from pumpbench.hil.usbmon.events import LINKTYPES, Event, event_of
from pumpbench.hil.usbmon.packets import is_packets, packets
from pumpbench.hil.usbmon.passed import Chunk, Watched
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame

Where = tuple[int, int]
OURS: Final = (blocks.LINKTYPE_LINE, blocks.LINKTYPE_META)
LOOKED_AT_MAX: Final = 10_000
OTHER: Final = {249: "USBPcap of Windows", 186: "USB, of a Mac or of FreeBSD"}
"""Link types of USB that are told apart from nonsense."""


def is_usbmon(path: Path) -> bool:
    """True of a pcap or pcapng file that begins with packets of usbmon, or of another USB recorder. Raises OSError.

    Among those of other links, as Wireshark records them side by side.
    """
    with open_to_read(path) as file:
        if not is_packets(file.read(4)):
            return False
    with open_to_read(path) as file:
        for packet in itertools.islice(packets(file), LOOKED_AT_MAX):
            if isinstance(packet, Damage) or packet.link_type in OURS:
                return False
            if packet.link_type in LINKTYPES or packet.link_type in OTHER:
                return True
    return False


@dataclass
class UsbmonFile:
    """Read twice: once to see who speaks as a pump, once for what was said. OSError passes.

    A pump is a device that says it is 1209:0001, and any other that sends or is sent a frame.
    """

    path: Path
    pumps: set[Where] = field(default_factory=set)
    others: set[Where] = field(default_factory=set)
    """With bulk transfers that hold no frame: disks, adapters."""
    watched: Watched = field(default_factory=Watched)
    damage: Damage | None = None
    short_count: int = 0
    """Packets too short for an event."""
    cut_count: int = 0
    """Of the pumps: transfers of which the recording lacks a part, of `lost_bytes` in all."""
    lost_bytes: int = 0
    foreign: int = 0
    """A link type that cannot be read, if there is one."""

    def __post_init__(self) -> None:
        first = Watched()
        speaking = self._speaking(first)
        named = {where for where, name in first.names.items() if name == (VENDOR_ID, PRODUCT_ID)}
        self.pumps = speaking | named
        self.others = first.transfer_counts.keys() - self.pumps

    def records(self) -> Iterator[Record]:
        """What passed between host and pumps, each endpoint pair a line of its own."""
        with open_to_read(self.path) as file:
            for chunk in self.watched.chunks(self._events(file)):
                if chunk.where in self.pumps:
                    self.cut_count += chunk.lost_bytes > 0
                    self.lost_bytes += chunk.lost_bytes
                    yield Record(_line(chunk), chunk.direction, chunk.t_ns, chunk.data, False, chunk.offset)

    def losses(self) -> list[str]:
        """What keeps this from being all that passed, a line each, once the records are read."""
        found = [str(self.damage)] if self.damage is not None else []
        if self.foreign:
            found.append(f"link type {self.foreign} ({OTHER[self.foreign]}) cannot be read; record with usbmon of Linux")
        if self.cut_count:
            found.append(f"{self.cut_count} transfers lack {self.lost_bytes} bytes: record them whole (tcpdump -s 0)")
        if self.watched.unbegun_count:
            found.append(f"{self.watched.unbegun_count} transfers to a device were begun before the recording, and are not in it")
        if self.watched.unended_count:
            found.append(f"{self.watched.unended_count} transfers to a device had not ended when the recording did")
        return found + [f"{self.short_count} packets are too short to be events of usbmon"] * (self.short_count > 0)

    def about(self) -> str:
        """Who was taken for a pump, and who was left out; one line."""
        left = f"; left out, for they hold no frame: {_named(self.others)}" if self.others else ""
        return f"pump: {_named(self.pumps) or 'none'}{left}"

    def _speaking(self, watched: Watched) -> set[Where]:
        decoders: dict[tuple[Where, int], Decoder] = {}
        found: set[Where] = set()
        with open_to_read(self.path) as file:
            for chunk in watched.chunks(self._events(file)):
                decoder = decoders.setdefault((chunk.where, chunk.endpoint), Decoder(chunk.direction == INBOUND))
                if chunk.where not in found and any(isinstance(event, Frame) for event in decoder.feed(chunk.data)):
                    found.add(chunk.where)
        return found

    def _events(self, file: BinaryIO) -> Iterator[Event]:
        self.damage, self.short_count = None, 0
        for packet in packets(file):
            if isinstance(packet, Damage):
                self.damage = packet
            elif packet.link_type in LINKTYPES:
                event = event_of(packet)
                if event is not None:
                    yield event
                self.short_count += event is None
            elif packet.link_type in OTHER:
                self.foreign = packet.link_type


def _line(chunk: Chunk) -> str:
    bus, device = chunk.where
    return f"usb {bus}.{device} endpoint {chunk.endpoint & 0x0F}"


def _named(found: set[Where]) -> str:
    return ", ".join(f"bus {bus} device {device}" for bus, device in sorted(found))
