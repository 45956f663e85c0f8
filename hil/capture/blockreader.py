"""Takes the blocks of a pcapng file apart, of either byte order; knows bytes only, and makes no claim about what is missing."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from pumpbench.hil.capture import blocks

NS_PER_S = 1_000_000_000


class ByteOrder(NamedTuple):
    """The shapes of one byte order, made once."""

    sign: str
    block: struct.Struct  # type, length
    packet: struct.Struct  # type, length, interface, time high, time low, captured size, original size
    packet_body: struct.Struct  # the same from interface on
    flags_tail: struct.Struct  # epb_flags' head as one word, its value, end of options, length
    word: struct.Struct
    flags_head: int  # what that head is, in this order


def _order(sign: str) -> ByteOrder:
    block, packet, body, tail, word = (struct.Struct(sign + shape) for shape in ("II", "7I", "5I", "4I", "I"))
    flags_head = word.unpack(struct.pack(sign + "HH", blocks.OPTION_EPB_FLAGS, 4))[0]
    return ByteOrder(sign, block, packet, body, tail, word, flags_head)


LITTLE, BIG = _order("<"), _order(">")


class Interface(NamedTuple):
    """One interface as its section declares it. A time of n units is `n * numerator // denominator + offset_ns`."""

    name: str
    link_type: int
    numerator: int
    denominator: int
    offset_ns: int

    @property
    def is_meta(self) -> bool:
        return self.link_type == blocks.LINKTYPE_META

    @property
    def counts_ns(self) -> bool:
        """True where a time is nanoseconds as it stands, as in every capture made here."""
        return self.numerator == self.denominator and not self.offset_ns

    def t_ns(self, units: int) -> int:
        return units * self.numerator // self.denominator + self.offset_ns


def order_of(magic: bytes) -> ByteOrder | None:
    """The byte order that a section's magic tells, or None where it is none."""
    for order in (LITTLE, BIG):
        if magic == order.word.pack(blocks.BYTE_ORDER_MAGIC):
            return order
    return None


def options(body: bytes, start: int, sign: str) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option from `start` on; stops without complaint at the end or at the first that does not fit."""
    while start + 4 <= len(body):
        code, size = struct.unpack_from(sign + "HH", body, start)
        start += 4
        if code == blocks.OPTION_END or start + size > len(body):
            return
        yield code, body[start : start + size]
        start += blocks.padded_bytes(size)


def interface_of(body: bytes, number: int, sign: str) -> Interface | None:
    """The interface that a description block's body declares; None when the body is too short to be one."""
    if len(body) < 8:
        return None
    found = dict(options(body, 8, sign))
    resolution = found.get(blocks.OPTION_IF_TSRESOL, b"\x06")[:1] or b"\x06"
    power = resolution[0] & 0x7F
    offset = found.get(blocks.OPTION_IF_TSOFFSET, b"")
    offset_s = struct.unpack(sign + "q", offset)[0] if len(offset) == 8 else 0
    units_per_s = 2**power if resolution[0] & 0x80 else 10**power
    name = found.get(blocks.OPTION_IF_NAME, b"").decode("utf-8", "replace") or f"interface {number}"
    link_type = struct.unpack_from(sign + "H", body)[0]
    return Interface(name, link_type, NS_PER_S, units_per_s, offset_s * NS_PER_S)
