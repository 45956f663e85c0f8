"""Cuts a stream of bytes into units that hold one frame each, delimiters included, and tells their channel; it changes none."""

from typing import Final

from pumpbench.protocol.decoder import reader
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.limits import FRAME_WIRE_BYTES_MAX

NOISE_BYTES_MAX: Final = 2 * FRAME_WIRE_BYTES_MAX
"""A run without an end that is longer than any frame is let go as it is."""
_read = reader(None)


class Units:
    """Law: the units, joined, and what is pending are the stream."""

    def __init__(self) -> None:
        self._pending = b""

    @property
    def pending_bytes(self) -> int:
        return len(self._pending)

    def feed(self, data: bytes) -> list[bytes]:
        """The units that these bytes complete."""
        pending, units = self._pending + data, []
        while (end := pending.find(b"\0", len(pending) - len(pending.lstrip(b"\0")))) >= 0:
            units.append(pending[: end + 1])
            pending = pending[end + 1 :]
        if len(pending) > NOISE_BYTES_MAX:
            units.append(pending)
            pending = b""
        self._pending = pending
        return units


def therapy_frame(unit: bytes) -> Frame | None:
    """The frame in a unit where it is a good one of the therapy channel."""
    event = _read(unit.strip(b"\0"))
    return event if isinstance(event, Frame) and not event.head[1] & FLAG_BENCH else None
