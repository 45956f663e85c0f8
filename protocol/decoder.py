"""Knows how a stream of bytes becomes frames; it must not know where the bytes come from, and never raises on any."""

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Final

from cobs import cobs

from .codec import BodyDecoder, body_decoder, plain_size
from .crc import GOOD, LOOP, START, TABLE
from .declare import layout_of
from .faults import WireFault
from .frame import ENCODED_BYTES_MAX, BadFrame, Frame, Unknown
from .header import CRC_BYTES, DEVICE, DEVICE_BYTES, FLAG_BENCH, FLAG_FROM_DEVICE, HOST, HOST_BYTES, VERSION, Header
from .limits import FRAME_DECODED_BYTES_MAX, FRAME_WIRE_BYTES_MAX
from .messages import REGISTRY
from .registry import Registry

Reader = Callable[[bytes], Frame | BadFrame]

KEPT_BYTES_MAX: Final = FRAME_WIRE_BYTES_MAX
"""Of a run too long to be a frame, only so much is kept."""
END_MAX: Final = FRAME_DECODED_BYTES_MAX - CRC_BYTES
"""Where the body of the longest frame ends."""


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

    @property
    def pending(self) -> bytes:
        """What was kept of those bytes: all but the end of an oversize run."""
        return self._pending

    def feed(self, data: bytes | bytearray | memoryview) -> list[Frame | BadFrame]:
        """Frames and bad frames that these bytes complete, in order. Empty frames are no event."""
        runs = bytes(data).split(b"\0")
        last = runs.pop()
        self.fed_bytes += len(data)
        self.delimiter_bytes += len(runs)
        read = self._read
        if not self._pending:
            if last:
                self._keep(last)
            return [read(run) for run in runs if run]
        if not runs:
            self._keep(self._pending + last)
            return []
        first = self._close(self._pending + runs[0])
        self._keep(last)
        return [first, *(read(run) for run in runs[1:] if run)]

    def _keep(self, run: bytes) -> None:
        self._pending = run[:KEPT_BYTES_MAX]
        self._dropped_bytes += len(run) - len(self._pending)

    def _close(self, run: bytes) -> Frame | BadFrame:
        """The frame that earlier bytes began and `run` holds up to its end."""
        size_bytes = len(run) + self._dropped_bytes
        self._dropped_bytes = 0
        if size_bytes > len(run):
            return BadFrame(WireFault.OVERSIZE, run[:KEPT_BYTES_MAX], size_bytes)
        return self._read(run)


def reader(from_device: bool | None = None, registry: Registry = REGISTRY) -> Reader:
    """A function from the bytes between two zero bytes to what they are; faults in `WireFault`'s order."""
    if from_device is not None:
        return _reader(from_device, registry)
    host, device = _reader(False, registry), _reader(True, registry)

    def read(raw: bytes) -> Frame | BadFrame:
        try:
            flags = cobs.decode(raw[:ENCODED_BYTES_MAX])[1]
        except (cobs.DecodeError, IndexError):
            flags = 0
        return (device if flags & FLAG_FROM_DEVICE else host)(raw)

    return read


def _reader(from_device: bool, registry: Registry) -> Reader:
    known = {layout_of(cls).number: _known(cls) for cls in registry}
    start, head_of = (DEVICE_BYTES, DEVICE.unpack_from) if from_device else (HOST_BYTES, HOST.unpack_from)
    own_flags, any_channel = FLAG_FROM_DEVICE * from_device, 0xFF & ~FLAG_BENCH
    # Locals, because this is the hot path of every tool that reads a stream.
    new, frame, crc, crc_start, crc_table, decode = tuple.__new__, Frame, LOOP, START, TABLE, cobs.decode

    def read(raw: bytes) -> Frame | BadFrame:
        try:
            data = decode(raw)
        except cobs.DecodeError:
            return _bad(WireFault.COBS, raw)
        end = len(data) - CRC_BYTES
        if not start <= end <= END_MAX:
            return _bad(WireFault.SHORT, raw)
        if crc(data, crc_start, crc_table) != GOOD:
            return _bad(WireFault.CRC, raw)
        head = head_of(data)
        if not from_device:
            head += (0, 0)
        if head[0] != VERSION or head[1] & any_channel != own_flags:
            return _bad(WireFault.VERSION, raw, Header(*head))
        try:
            plain_bytes, values, cls, decode_body = known[head[2]]
        except KeyError:
            return Frame(head, Unknown(Header(*head), data[start:end]), raw)
        if end - start == plain_bytes:
            return new(frame, (head, new(cls, values(data, start)), raw))
        message = decode_body(data, start, end)
        if message.__class__ is int:
            return _bad(message, raw, Header(*head))
        return new(frame, (head, message, raw))

    return read


def _bad(fault: int, raw: bytes, header: Header | None = None) -> BadFrame:
    """OVERSIZE comes before any other fault, so only what is bad is measured: what is too long never decodes to a frame."""
    if len(raw) > ENCODED_BYTES_MAX:
        return BadFrame(WireFault.OVERSIZE, raw[:KEPT_BYTES_MAX], len(raw))
    return BadFrame(fault, raw, len(raw), header)


@cache
def _known(cls: type) -> tuple[int, Callable[..., tuple[int, ...]], type, BodyDecoder]:
    """For most bodies all there is to do: bytes, values, class; for the others the function that decodes them."""
    layout = layout_of(cls)
    return plain_size(layout), Struct(layout.format).unpack_from, cls, body_decoder(cls)
