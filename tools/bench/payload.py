"""Knows the bytes that both sides of a comparison are given, drawn from one seed; it must not know what is measured."""

import random
from collections.abc import Iterator
from typing import Final

from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.declare import layout_of
from pumpbench.protocol.frame import device_frame, host_frame
from pumpbench.protocol.messages import ReadStatus, Status, Telemetry

SEED: Final = 20
CHUNK_BYTES: Final = 4096
"""How much of a stream a read gives."""
START_NS: Final = 1_700_000_000_000_000_000
STEP_NS: Final = 100_000_000


def telemetry(count: int) -> list[Telemetry]:
    """Messages of 12 integer fields in 32 bytes, each field drawn from its whole range: the dearest case for everyone."""
    names = [field.name for field in layout_of(Telemetry).fields]
    return [Telemetry(**dict(zip(names, values, strict=True))) for values in telemetry_values(count)]


def telemetry_values(count: int) -> list[tuple[int, ...]]:
    rng = random.Random(SEED)
    ranges = [(field.lo, field.hi) for field in layout_of(Telemetry).fields]
    return [tuple(rng.randint(lo, hi) for lo, hi in ranges) for _ in range(count)]


def device_frames(count: int) -> list[bytes]:
    """65 bytes each: 26 of header, boot and tick among them."""
    return [device_frame(one, n & 0xFFFF, 0, 0, 1, n) for n, one in enumerate(telemetry(count))]


def host_frames(count: int) -> list[bytes]:
    """The same messages in 53 bytes each, with the header of a host's frame: 14 bytes."""
    return [host_frame(one, n & 0xFFFF, 0) for n, one in enumerate(telemetry(count))]


def bodies(count: int) -> list[bytes]:
    """The 32 bytes alone, for formats that frame in their own way."""
    return [encode_body(one) for one in telemetry(count)]


def chunks(frames: list[bytes], size_bytes: int = CHUNK_BYTES) -> list[bytes]:
    """The stream as a port, or a file read by so many bytes, would hand it over."""
    stream = b"".join(frames)
    return [stream[at : at + size_bytes] for at in range(0, len(stream), size_bytes)]


def stamped(frames: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each with its time in ns, one tick apart."""
    return ((START_NS + n * STEP_NS, frame) for n, frame in enumerate(frames))


def request_and_reply() -> tuple[bytes, bytes]:
    """The bytes of one whole therapy request, and of the reply to it."""
    status = Status(**{field.name: field.lo for field in layout_of(Status)})
    return host_frame(ReadStatus(), 1, 1, 1), device_frame(status, 1, 1, 1, 1, 1)
