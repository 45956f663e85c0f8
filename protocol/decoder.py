"""Knows how a stream of bytes becomes frames; it must not know where the bytes come from, and never raises on any."""

from collections.abc import Callable
from typing import Any, Final

from cobs import cobs

from .codec import body_decoder
from .crc import GOOD, residue
from .declare import layout_of
from .faults import WireFault
from .frame import ENCODED_BYTES_MAX, BadFrame, Frame, Unknown
from .header import CRC_BYTES, DEVICE, DEVICE_BYTES, FLAG_BENCH, FLAG_FROM_DEVICE, HOST, HOST_BYTES, VERSION, Header
from .limits import FRAME_WIRE_BYTES_MAX
from .messages import REGISTRY
from .registry import Registry

Reader = Callable[[bytes], Frame | BadFrame]

KEPT_BYTES_MAX: Final = FRAME_WIRE_BYTES_MAX
"""Of a run too long to be a frame, only so much is kept."""


class Decoder:
    """Bytes in, frames out; every chunking of the same bytes gives the same frames.

    `from_device`: which side sends (None: either, as each frame says). `registry`: the messages it knows.
    Law: fed_bytes == delimiter_bytes + sum of len(raw) of frames + sum of size_bytes of bad frames + pending_bytes.
    """

    def __init__(self, from_device: bool | None = None, registry: Registry = REGISTRY) -> None:
        self.fed_bytes = 0
        self.delimiter_bytes = 0
        self._pending = b""
        self._dropped_bytes = 0
        self._read = reader(from_device, registry)

    @property
    def pending_bytes(self) -> int:
        """Bytes since the last zero byte, those of an oversize run that were not kept included."""
        return len(self._pending) + self._dropped_bytes

    def feed(self, data: bytes | bytearray | memoryview) -> list[Frame | BadFrame]:
        """Frames and bad frames that these bytes complete, in order. Empty frames are no event."""
        runs = bytes(data).split(b"\0")
        self.fed_bytes += len(data)
        self.delimiter_bytes += len(runs) - 1
        last = runs.pop()
        if not runs:
            self._keep(self._pending + last)
            return []
        first = self._close(runs[0])
        read = self._read
        events = [read(run) for run in runs[1:] if run]
        self._keep(last)
        return events if first is None else [first, *events]

    def _keep(self, run: bytes) -> None:
        self._pending = run[:KEPT_BYTES_MAX]
        self._dropped_bytes += len(run) - len(self._pending)

    def _close(self, run: bytes) -> Frame | BadFrame | None:
        """The frame that `run` ends, which earlier bytes may have begun."""
        run = self._pending + run
        size_bytes = len(run) + self._dropped_bytes
        self._dropped_bytes = 0
        if size_bytes > len(run):
            return BadFrame(WireFault.OVERSIZE, run[:KEPT_BYTES_MAX], size_bytes)
        return self._read(run) if run else None


def reader(from_device: bool | None = None, registry: Registry = REGISTRY) -> Reader:
    """A function from the bytes between two zero bytes to what they are; faults in `WireFault`'s order."""
    decoders = _decoders(registry)
    refused = 0xFF & ~FLAG_BENCH
    # Locals, because this is the hot path of every tool that reads a stream.
    new, frame, check, decode, host, device = tuple.__new__, Frame, residue, cobs.decode, HOST.unpack_from, DEVICE.unpack_from

    def read(raw: bytes) -> Frame | BadFrame:
        if len(raw) > ENCODED_BYTES_MAX:
            return BadFrame(WireFault.OVERSIZE, raw[:KEPT_BYTES_MAX], len(raw))
        try:
            data = decode(raw)
        except cobs.DecodeError:
            return BadFrame(WireFault.COBS, raw, len(raw))
        end = len(data) - CRC_BYTES
        sender = from_device if from_device is not None else end > 0 and data[1] & FLAG_FROM_DEVICE
        start = DEVICE_BYTES if sender else HOST_BYTES
        if end < start:
            return BadFrame(WireFault.SHORT, raw, len(raw))
        if check(data) != GOOD:
            return BadFrame(WireFault.CRC, raw, len(raw))
        if sender:
            head, wrong = device(data), data[1] ^ FLAG_FROM_DEVICE
        else:
            head, wrong = host(data) + (0, 0), data[1]
        if data[0] != VERSION or wrong & refused:
            return BadFrame(WireFault.VERSION, raw, len(raw), Header(*head))
        body = decoders.get(head[2])
        message = body(data, start, end) if body is not None else Unknown(Header(*head), data[start:end])
        if message.__class__ is int:
            return BadFrame(message, raw, len(raw), Header(*head))
        return new(frame, (head, message, raw))

    return read


def _decoders(registry: Registry) -> dict[int, Callable[[bytes, int, int], Any]]:
    return {layout_of(cls).number: body_decoder(cls) for cls in registry}
