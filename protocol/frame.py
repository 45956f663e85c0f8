"""Knows frames as values and how a message becomes one; it must not know where the bytes go.

A frame is a zero byte, COBS of (header, body, CRC-32C little-endian), a zero byte; see SPEC.md.
"""

import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cobs import cobs

from .codec import encoded_format, item_names, packing
from .crc import LOOP, START, TABLE, crc32c
from .declare import layout_of
from .faults import WireFault
from .fields import RangeError
from .header import (
    CRC_BYTES,
    DEVICE,
    DEVICE_BYTES,
    FLAG_BENCH,
    FLAG_FROM_DEVICE,
    HOST,
    HOST_BYTES,
    OPENING,
    VERSION,
    Header,
)
from .limits import FRAME_DECODED_BYTES_MAX

ENCODED_BYTES_MAX: Final = FRAME_DECODED_BYTES_MAX + 1
"""Between the zero bytes: COBS adds one byte to what is at most 254 long."""


class Unknown(NamedTuple):
    """A good frame whose type this side does not know: no fault. A device answers it `unknown type`."""

    header: Header
    body: bytes


class Frame(NamedTuple):
    """A good frame. `raw`: its bytes as they passed, between the two zero bytes.

    `head` is the header as a plain tuple; `header` names its values, a cost that most frames of a stream are spared.
    """

    head: tuple[int, int, int, int, int, int, int, int]
    message: Any
    raw: bytes

    @property
    def header(self) -> Header:
        return Header(*self.head)

    @property
    def wire(self) -> bytes:
        """The whole frame, to be sent again byte for byte."""
        return b"\0" + self.raw + b"\0"

    @property
    def crc(self) -> int:
        """The CRC the frame ends with; with the request id it tells a retry from a new request."""
        return _crc(self.raw)

    @property
    def body(self) -> bytes:
        """As received: what later revisions or other senders added included."""
        return _body(self.raw, self.head[1])


class BadFrame(NamedTuple):
    """Noise, as a value. `raw`: its bytes between zero bytes, of an OVERSIZE run only the first 256.

    `size_bytes` counts them all. `header` is there for VERSION, LENGTH and RANGE, where the CRC vouches for it.
    """

    fault: int
    raw: bytes
    size_bytes: int
    header: Header | None = None

    @property
    def fault_name(self) -> str:
        return WireFault.name_of(self.fault)

    @property
    def wire(self) -> bytes:
        return b"\0" + self.raw + b"\0"

    @property
    def crc(self) -> int:
        """As `Frame.crc`; 0 where no header vouches for it."""
        return 0 if self.header is None else _crc(self.raw)

    @property
    def body(self) -> bytes:
        """As `Frame.body`; empty where no header vouches for it."""
        return b"" if self.header is None else _body(self.raw, self.header.flags)


def _crc(raw: bytes) -> int:
    return int.from_bytes(cobs.decode(raw)[-CRC_BYTES:], "little")


def _body(raw: bytes, flags: int) -> bytes:
    start = DEVICE_BYTES if flags & FLAG_FROM_DEVICE else HOST_BYTES
    plain: bytes = cobs.decode(raw)
    return plain[start:-CRC_BYTES]


Encoder = Callable[..., bytes]
_host_encoders: dict[type, Encoder] = {}
_device_encoders: dict[type, Encoder] = {}


def host_frame(message: Any, seq: int, request_id: int, session: int = 0, bench: bool | None = None) -> bytes:
    """A frame from the host, zero bytes included. `bench` None: the channel the message was declared for.

    Raises RangeError when a header field does not fit its width.
    """
    try:
        encoder = _host_encoders[message.__class__]
    except KeyError:
        encoder = _encoder(type(message), from_device=False)
    return encoder(message, seq, request_id, session, bench)


def device_frame(
    message: Any, seq: int, request_id: int, session: int, boot_seq: int, tick: int, bench: bool | None = None
) -> bytes:
    """A frame from the device; `tick`: the tick at whose end it was made. Otherwise as `host_frame`."""
    try:
        encoder = _device_encoders[message.__class__]
    except KeyError:
        encoder = _encoder(type(message), from_device=True)
    return encoder(message, seq, request_id, session, bench, boot_seq, tick)


def encode_frame(header: Header, message: Any) -> bytes:
    """The frame a decoder gave, made again: law, for canonical frames `encode_frame(f.header, f.message) == f.wire`.

    `header.type` and `header.version` of a known message are its own and 1; an `Unknown` keeps what it came with.
    """
    if isinstance(message, Unknown):
        return _enclose(_packed_header(header) + message.body)
    if header.from_device:
        return device_frame(message, header.seq, header.request_id, header.session, header.boot_seq, header.tick,
                            header.bench)  # fmt: skip
    return host_frame(message, header.seq, header.request_id, header.session, header.bench)


def _packed_header(header: Header) -> bytes:
    return DEVICE.pack(*header) if header.from_device else HOST.pack(*header[:6])


def _enclose(data: bytes) -> bytes:
    if len(data) + 4 > FRAME_DECODED_BYTES_MAX:
        raise ValueError(f"frame of {len(data) + 4} bytes before COBS; expected at most {FRAME_DECODED_BYTES_MAX}")
    encoded: bytes = cobs.encode(data + crc32c(data).to_bytes(4, "little"))
    return b"\0" + encoded + b"\0"


def _encoder(cls: type, from_device: bool) -> Encoder:
    """One function per class and direction: header and body leave through one precompiled struct."""
    layout = layout_of(cls)
    open_bench, open_therapy = (_opening(layout.number, bench, from_device) for bench in (True, False))
    declared = open_bench if layout.channel == "bench" else open_therapy
    more = ", boot_seq, tick" if from_device else ""
    opening = f"{declared} if bench is None else {open_bench} if bench else {open_therapy}"
    source = (
        f"def encode(m, seq, request_id, session, bench{more}):\n"
        f"    try:\n"
        f"        data = {packing(layout, f'{opening}, seq, request_id, session{more}, ')}\n"
        f"    except _struct_error as problem:\n"
        f"        raise _refusal(problem) from None\n"
        f"    return b'\\0%b\\0' % _cobs(data + _le32(_crc(data, _crc_start, _crc_table) ^ 0xFFFFFFFF))\n"
    )
    head = (DEVICE if from_device else HOST).format.replace(OPENING.format, "<I")
    names: dict[str, Any] = {
        "_pack": struct.Struct(head + encoded_format(layout).removeprefix("<")).pack,
        "_crc": LOOP, "_crc_start": START, "_crc_table": TABLE, "_le32": struct.Struct("<I").pack, "_cobs": cobs.encode,
        "_struct_error": struct.error,
        "_refusal": lambda problem: RangeError(f"{layout.name}: header or body does not fit its widths: {problem}"),
        **item_names(cls, layout),
    }  # fmt: skip
    exec(source, names)
    encoder: Encoder = names["encode"]
    (_device_encoders if from_device else _host_encoders)[cls] = encoder
    return encoder


def _opening(number: int, bench: bool, from_device: bool) -> int:
    """Version, flags and type as the one number their bytes make: known beforehand, so packed at one value's cost."""
    flags = FLAG_BENCH * bench | FLAG_FROM_DEVICE * from_device
    return int.from_bytes(OPENING.pack(VERSION, flags, number), "little")
