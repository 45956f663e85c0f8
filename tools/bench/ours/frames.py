"""Frames of one stream decoded and encoded, one thread; see performance.md, "Frames"."""

from contextlib import ExitStack

from pumpbench.hil.bulk import decode_columns, messages_of
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame, host_frame
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

MESSAGES = 20_000
C_MESSAGES = 100_000
FILE_CHUNK_BYTES = 65536


def decode_device(setting: Setting, stack: ExitStack) -> Round:
    return _decode(payload.device_frames(setting.count(MESSAGES)), from_device=True)


def decode_host(setting: Setting, stack: ExitStack) -> Round:
    return _decode(payload.host_frames(setting.count(MESSAGES)), from_device=False)


def _decode(frames: list[bytes], from_device: bool) -> Round:
    chunks, expected = payload.chunks(frames), len(frames)

    def work() -> int:
        decoder = Decoder(from_device)
        count = 0
        for chunk in chunks:
            events = decoder.feed(chunk)
            count += len(events)
        assert count == expected
        assert type(events[-1]) is Frame
        return count

    return per_second(work)


def decode_c(setting: Setting, stack: ExitStack) -> Round:
    """Typed messages too, but 64 KiB at a time, because each call has its price."""
    library, frames = NativeLibrary(), payload.device_frames(setting.count(C_MESSAGES))
    chunks = payload.chunks(frames, FILE_CHUNK_BYTES)
    assert list(messages_of(decode_columns(library, frames[0], Telemetry).rows, Telemetry)) == payload.telemetry(1)

    def work() -> int:
        count, rest = 0, b""
        for chunk in chunks:
            columns = decode_columns(library, rest + chunk, Telemetry)
            for _ in messages_of(columns.rows, Telemetry):
                count += 1
            rest = columns.rest
        assert count == len(frames)
        return count

    return per_second(work)


def columns_c(setting: Setting, stack: ExitStack) -> Round:
    """Rows of header and fields, of a stream read 64 KiB at a time."""
    library, frames = NativeLibrary(), payload.device_frames(setting.count(C_MESSAGES))
    chunks = payload.chunks(frames, FILE_CHUNK_BYTES)

    def work() -> int:
        count, rest = 0, b""
        for chunk in chunks:
            columns = decode_columns(library, rest + chunk, Telemetry)
            count += len(columns.rows)
            rest = columns.rest
        assert count == len(frames)
        return count

    return per_second(work)


def encode_device(setting: Setting, stack: ExitStack) -> Round:
    messages = payload.telemetry(setting.count(MESSAGES))

    def work() -> int:
        for message in messages:
            device_frame(message, 1, 0, 0, 1, 5)
        return len(messages)

    return per_second(work)


def encode_host(setting: Setting, stack: ExitStack) -> Round:
    messages = payload.telemetry(setting.count(MESSAGES))

    def work() -> int:
        for message in messages:
            host_frame(message, 1, 0)
        return len(messages)

    return per_second(work)
