"""Makes byte streams out of golden frames and noise, and says what a stream decodes to; for the decoder's laws."""

import random
from collections.abc import Iterable

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame
from tests.protocol.corpus import CASES

WIRES = [bytes.fromhex(case["wire"]) for case in CASES]

Event = Frame | BadFrame


def events_of(chunks: Iterable[bytes], from_device: bool | None = None) -> list[Event]:
    decoder = Decoder(from_device)
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def cut(stream: bytes, at: Iterable[int]) -> list[bytes]:
    """The stream in pieces, cut at each of `at`."""
    ends = [0, *sorted(at), len(stream)]
    return [stream[a:b] for a, b in zip(ends, ends[1:], strict=False)]


def noisy_stream(rng: random.Random, parts: int) -> bytes:
    """Golden frames, changed frames, cut frames, noise with and without zero bytes."""
    return b"".join(_part(rng) for _ in range(parts))


def _part(rng: random.Random) -> bytes:
    wire = bytearray(rng.choice(WIRES))
    kind = rng.randrange(6)
    if kind == 0:
        wire[rng.randrange(len(wire))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del wire[rng.randrange(len(wire)) :]
    elif kind == 2:
        return rng.randbytes(rng.randrange(40))
    elif kind == 3:
        return bytes([rng.randrange(1, 256)]) * rng.randrange(600)
    return bytes(wire)


def accounted_bytes(decoder: Decoder, events: Iterable[Event]) -> int:
    """What the conservation law adds up: zero bytes, frames, bad frames, and what waits for its end."""
    carried = sum(event.size_bytes if isinstance(event, BadFrame) else len(event.raw) for event in events)
    return decoder.delimiter_bytes + carried + decoder.pending_bytes
