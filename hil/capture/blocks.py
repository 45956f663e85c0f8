"""How pcapng spells its blocks, as far as a capture writes them; knows bytes only, no file and no record's meaning.

Source: the pcapng specification (draft-ietf-opsawg-pcapng), sections 3 and 4.
"""

import struct
from collections.abc import Callable
from typing import Final

SECTION: Final = 0x0A0D0D0A
INTERFACE: Final = 1
PACKET: Final = 6  # the enhanced packet block

BYTE_ORDER_MAGIC: Final = 0x1A2B3C4D
LINKTYPE_LINE: Final = 147  # USER0
LINKTYPE_META: Final = 148  # USER1

OPTION_END: Final = 0
OPTION_IF_NAME: Final = 2
OPTION_IF_TSRESOL: Final = 9
OPTION_IF_TSOFFSET: Final = 14
OPTION_EPB_FLAGS: Final = 2
OPTION_SHB_USERAPPL: Final = 4
TSRESOL_NS: Final = b"\x09"

# Wireshark refuses a file with a larger packet in it, so none is written.
PAYLOAD_BYTES_MAX: Final = 262144
# A length beyond this is damage, not data: nothing is allocated for it.
BLOCK_BYTES_MAX: Final = 16 * 1024 * 1024

BLOCK_BYTES_MIN: Final = 12
PACKET_HEAD_BYTES: Final = 28  # type, length, interface, time high, time low, captured size, original size
FLAGS_TAIL_BYTES: Final = 16  # epb_flags with its head, end of options, length
FLAGS_HEAD: Final = OPTION_EPB_FLAGS | 4 << 16  # code and length of epb_flags as one word


PacketShape = tuple[Callable[..., bytes], bytes, bytes, bytes]


def packet_shape(interface: int, flags: int, size: int) -> PacketShape:
    """Everything of a packet that its interface, direction and size settle, so that one call packs the rest.

    With `pack, head, sizes, tail = packet_shape(...)`, `pack(head, time_high, time_low, sizes, payload, tail)` is
    the block; the struct itself pads the payload with zeros.
    """
    shape = struct.Struct(f"<12sII8s{padded_bytes(size)}s16s")
    head = struct.pack("<III", PACKET, shape.size, interface)
    tail = struct.pack("<IIII", FLAGS_HEAD, flags, OPTION_END, shape.size)
    return shape.pack, head, struct.pack("<II", size, size), tail


def section(application: str) -> bytes:
    """The header every capture opens with; its length is left open, because the file is appended to."""
    head = struct.pack("<IHHq", BYTE_ORDER_MAGIC, 1, 0, -1)
    return _block(SECTION, head + _options((OPTION_SHB_USERAPPL, application.encode())))


def interface(link_type: int, name: str) -> bytes:
    """The declaration of the next interface: its link type, its name, times in nanoseconds, no limit on size."""
    head = struct.pack("<HHI", link_type, 0, 0)
    return _block(INTERFACE, head + _options((OPTION_IF_NAME, name.encode()), (OPTION_IF_TSRESOL, TSRESOL_NS)))


def padded_bytes(size: int) -> int:
    """`size` rounded up to the four bytes that everything in a block is aligned to."""
    return (size + 3) & ~3


def _options(*options: tuple[int, bytes]) -> bytes:
    spelled = (struct.pack(f"<HH{padded_bytes(len(value))}s", code, len(value), value) for code, value in options)
    return b"".join(spelled) + struct.pack("<HH", OPTION_END, 0)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + BLOCK_BYTES_MIN
    return struct.pack(f"<II{len(body)}sI", kind, length, body, length)
