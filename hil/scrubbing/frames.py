"""Rewrites one frame, or noise, in as many bytes as it had; knows layouts, and neither file nor session."""

from collections.abc import Callable
from typing import Final

from pumpbench.hil.compare import DIGEST_FIELDS
from pumpbench.hil.scrubbing.aliases import Aliases
from pumpbench.hil.scrubbing.mirror import Pair
from pumpbench.protocol.decoder import reader
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import ENCODED_BYTES_MAX, BadFrame, Frame, Unknown, encode_frame
from pumpbench.protocol.header import Header
from pumpbench.protocol.layout import Layout, layout_of

FILLER: Final = b"\xaa"
_CHAINED: Final = DIGEST_FIELDS | {"effect_crc"}
"""Sums over what carried a serial number: a difference in one is kept as a difference."""
_read = reader()


def frame_with(event: Frame, aliases: Aliases, pair: Pair | None) -> bytes:
    """The bytes between two zeros that stand for a good frame."""
    layout = layout_of(type(event.message)) if hasattr(type(event.message), "__layout__") else None
    made = aliases.replaced(event.body) if layout is None else _body(event.body, layout, aliases, pair)
    return event.raw if made == event.body else _enclosed(event.header, made)


def noise_with(event: BadFrame, aliases: Aliases) -> bytes:
    """Of the same size and fault, without what stood in it; where a header vouches for it, only numbers are replaced."""
    if event.header is None:
        return _filler(event.fault, event.size_bytes)
    made = aliases.replaced(event.body)
    return event.raw if made == event.body else _enclosed(event.header, made)


def _body(body: bytes, layout: Layout, aliases: Aliases, pair: Pair | None) -> bytes:
    if pair is not None and pair.own.body == body and not _names_any(layout):
        return pair.other.body
    own, other = (pair.own.body, pair.other.body) if pair is not None and _is_like(pair, layout, body) else (b"", b"")
    made = bytearray(body)
    for field in layout.fields:
        place = slice(field.offset, field.offset + field.width_bytes)
        if len(body[place]) != field.width_bytes:
            continue  # a body of an earlier revision ends before it
        value = int.from_bytes(body[place], "little")
        new = aliases.field(field.name, value)
        if own and body[place] == own[place] and (new is None or field.name == "identity_crc"):
            made[place] = other[place]
        elif new is not None:
            made[place] = new.to_bytes(field.width_bytes, "little")
        elif own and field.name in _CHAINED:
            made[place] = bytes(a ^ b ^ c for a, b, c in zip(body[place], own[place], other[place], strict=True))
    return bytes(made)


def _names_any(layout: Layout) -> bool:
    """Whether a serial number or a date stands in it: of a time before the start, it is another than the emulator's."""
    return any(field.name in ("serial", "implant_day", "calendar_origin_day") for field in layout.fields)


def _is_like(pair: Pair, layout: Layout, body: bytes) -> bool:
    return type(pair.own.message).__name__ == layout.name and len(pair.own.body) == len(pair.other.body) == len(body)


def _enclosed(header: Header, body: bytes) -> bytes:
    """A body of any size under a header, whether or not it is one of that type."""
    return encode_frame(header, Unknown(header, body))[1:-1]


def _filler(fault: int, size_bytes: int) -> bytes:
    """Noise of that fault, as far as one of that size can be made."""
    if size_bytes > ENCODED_BYTES_MAX:
        return FILLER * size_bytes
    shapes: list[Callable[[], bytes]] = [
        lambda: bytes([size_bytes]) + FILLER * (size_bytes - 1),
        lambda: b"\xff" + FILLER * (size_bytes - 1),
        lambda: bytes([size_bytes]) + b"\x55" * (size_bytes - 1),
    ]
    made = [shape() for shape in shapes]
    return next((one for one in made if getattr(_read(one), "fault", None) == fault), made[1 if fault == WireFault.COBS else 0])
