"""Knows what a converted frame tells besides its fields, and which messages a file holds; it must not know any format."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.links import DIRECTION_NAMES
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH, FLAG_FROM_DEVICE
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.decoding.frames_in import FramesIn
from pumpbench.tools.frame_fields import name_of

BATCH_FRAMES: Final = 32_768
"""So many are held at a time."""


class Told(NamedTuple):
    """One frame of a file, as a row. Of a bad frame whose header nobody vouches for the numbers are None."""

    t_ns: int | None
    interface: str
    dir: str
    ok: bool
    type: str | None
    number: int | None
    seq: int | None
    request_id: int | None
    session: int | None
    bench: bool | None
    boot: int | None
    tick: int | None
    fault: str | None
    size_bytes: int | None
    raw: bytes | None
    """Of a bad frame."""
    body: bytes | None
    """Of a good frame whose type is not known."""


Numbers = tuple[int | None, int | None, int | None, int | None, bool | None, int | None, int | None]
NO_NUMBERS: Final[Numbers] = (None, None, None, None, None, None, None)
# Width in bits, or a kind; in the order of `Told`.
KINDS: Final = (64, "text", "text", "flag", "text", 16, 16, 32, 32, "flag", 32, 64, "text", 32, "bytes", "bytes")


def told(found: FrameAt, timed: bool) -> Told:
    record, event = found
    t_ns = record.t_ns if timed else None
    direction = DIRECTION_NAMES[record.direction]
    if not isinstance(event, Frame):
        header, name = event.header, None
        if header is not None:
            known = REGISTRY.get(header.type)
            name = known.__name__ if known else f"{header.type:#06x}"
        numbers = NO_NUMBERS if header is None else _numbers(tuple(header))
        return Told(t_ns, record.interface, direction, False, name, *numbers, event.fault_name, event.size_bytes, event.raw, None)
    body = None if hasattr(type(event.message), "__layout__") else event.message.body
    name = name_of(event.message, event.head[2])
    return Told(t_ns, record.interface, direction, True, name, *_numbers(event.head), None, None, None, body)


def _numbers(head: tuple[int, ...]) -> Numbers:
    """number, seq, request_id, session, bench, boot, tick"""
    boot, tick = head[6:8] if head[1] & FLAG_FROM_DEVICE else (None, None)
    return head[2], head[3], head[4], head[5], bool(head[1] & FLAG_BENCH), boot, tick


def message_of(found: FrameAt) -> Any:
    """The frame's message where it is a known one, else None."""
    event = found.event
    return event.message if isinstance(event, Frame) and hasattr(type(event.message), "__layout__") else None


def frames_of(source: FramesIn, message: type | None = None) -> Iterator[FrameAt]:
    """All frames, or the good ones of one class."""
    for item in source.items():
        if isinstance(item, FrameAt) and (message is None or type(message_of(item)) is message):
            yield item


def occurring(path: Path) -> tuple[type, ...]:
    """The known messages that a file holds, in the order of their declaration. Raises `Failed` where it cannot be read."""
    seen = {type(message_of(item)) for item in frames_of(FramesIn(path))}
    return tuple(cls for cls in REGISTRY if cls in seen)


def tail_name(message: type) -> str | None:
    tail = layout_of(message).tail
    return None if tail is None else tail.name
