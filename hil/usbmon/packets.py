"""The packets of a pcap or pcapng file of any link type and byte order, in bounded memory; knows bytes only."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.blockreader import LITTLE, ByteOrder, Interface, interface_of, order_of
from pumpbench.hil.capture.reader import SECTION, Damage

NS_PER_S: Final = 1_000_000_000
# The magic of a pcap file, as it lies in the file: its byte order, and how many nanoseconds its fractions of a second count.
MAGICS: Final = {
    bytes.fromhex("d4c3b2a1"): ("<", 1000),
    bytes.fromhex("a1b2c3d4"): (">", 1000),
    bytes.fromhex("4d3cb2a1"): ("<", 1),
    bytes.fromhex("a1b23c4d"): (">", 1),
}
LINK_TYPE_MASK: Final = 0x0FFFFFFF
"""Of pcap's field: what is above tells of checksums."""
SIMPLE_PACKET: Final = 3


class Packet(NamedTuple):
    """`sign`: the byte order of the file, as `struct` spells it. `size_bytes`: of the packet before a limit cut it off."""

    link_type: int
    sign: str
    t_ns: int
    data: bytes
    size_bytes: int
    offset: int


def is_packets(opening: bytes) -> bool:
    """True of the first four bytes of either kind of file."""
    return opening == SECTION or opening in MAGICS


def packets(file: BinaryIO) -> Iterator[Packet | Damage]:
    """In the order of the file; where that stops being one, a `Damage`, last. OSError passes."""
    reading = _Reading(file)
    opening = reading.take(4)
    if opening == SECTION:
        yield from _pcapng(reading)
    elif opening in MAGICS:
        yield from _pcap(reading, *MAGICS[opening])
    else:
        yield Damage(0, f"begins with {opening.hex() or 'nothing'}", "a pcap or pcapng file")


class _Reading:
    """The file, and how far it was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.at = 0

    def take(self, size: int) -> bytes:
        """Fewer at the end of the file."""
        got = self._file.read(size)
        self.at += len(got)
        return got


def _pcap(reading: _Reading, sign: str, unit_ns: int) -> Iterator[Packet | Damage]:
    head = struct.Struct(sign + "HHiIII")
    raw = reading.take(head.size)
    if len(raw) < head.size:
        yield Damage(0, f"the file ends after {4 + len(raw)} bytes", "a header of 24 bytes")
        return
    link_type = head.unpack(raw)[-1] & LINK_TYPE_MASK
    record = struct.Struct(sign + "IIII")
    while True:
        start = reading.at
        raw = reading.take(record.size)
        if not raw:
            return
        seconds, fraction, kept, size = record.unpack(raw) if len(raw) == record.size else (0, 0, 0, 0)
        data = reading.take(kept) if kept <= blocks.BLOCK_BYTES_MAX else b""
        if len(raw) < record.size or len(data) < kept:
            yield Damage(start, f"a packet of {kept} bytes of which {len(data)} are there", "whole packets up to 16 MiB")
            return
        yield Packet(link_type, sign, seconds * NS_PER_S + fraction * unit_ns, data, size, start)


def _pcapng(reading: _Reading) -> Iterator[Packet | Damage]:
    order, interfaces = LITTLE, list[Interface]()
    kind_raw, start = SECTION, 0
    while kind_raw:
        if kind_raw == SECTION:
            head = reading.take(8)
            found = order_of(head[4:])
            if found is None:
                yield Damage(start, "a section without its magic", "1a2b3c4d in either byte order")
                return
            order, interfaces = found, []
            body = _body(reading, order, head[:4], head[4:])
        else:
            body = _body(reading, order, reading.take(4))
        if body is None:
            yield Damage(start, "a block whose length cannot be", "whole blocks up to 16 MiB")
            return
        (kind,) = order.word.unpack(kind_raw) if len(kind_raw) == 4 else (0,)
        if kind == blocks.INTERFACE and (interface := interface_of(body, len(interfaces), order.sign)) is not None:
            interfaces.append(interface)
        elif kind == blocks.PACKET and (packet := _packet(body, order, interfaces, start)) is not None:
            yield packet
        start = reading.at
        kind_raw = reading.take(4)


def _body(reading: _Reading, order: ByteOrder, length_raw: bytes, begun: bytes = b"") -> bytes | None:
    """Of a block, without its head and its second length; None where the two lengths or the file do not agree."""
    if len(length_raw) < 4:
        return None
    (length,) = order.word.unpack(length_raw)
    left = length - blocks.BLOCK_BYTES_MIN - len(begun)
    if left < 0 or length % 4 or length > blocks.BLOCK_BYTES_MAX:
        return None
    body = reading.take(left)
    return begun + body if len(body) == left and reading.take(4) == length_raw else None


def _packet(body: bytes, order: ByteOrder, interfaces: list[Interface], start: int) -> Packet | None:
    """None of a packet that names no interface, or is shorter than it says."""
    if len(body) < order.packet_body.size:
        return None
    number, high, low, kept, size = order.packet_body.unpack_from(body)
    data = body[order.packet_body.size : order.packet_body.size + kept]
    if number >= len(interfaces) or len(data) < kept:
        return None
    one = interfaces[number]
    return Packet(one.link_type, order.sign, one.t_ns(high << 32 | low), data, size, start)
