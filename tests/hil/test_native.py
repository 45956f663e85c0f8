"""The firmware as a library: the face it shares with the reference, and columns out of a stream of frames."""

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.bulk import decode_columns
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, device_frame, host_frame
from pumpbench.protocol.header import DEVICE_BYTES
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Arm, EventNotice, Inject, ResetToStart, RunTo, Telemetry
from tests.hil.pumps import START
from tests.support import require, rng


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    require("cc")
    require("make")
    return NativeLibrary()


def started(library: NativeLibrary) -> tuple[Device, list[bytes]]:
    """The reference, and the frames that bring both to the same start."""
    requests = [
        Arm(build_id=library.build_id),
        START,
        Inject(fault=2, arg_0=1, arg_1=9, arg_2=0),
        RunTo(target_tick=999, stop_mask=0),
    ]
    assert isinstance(requests[1], ResetToStart)
    frames = [host_frame(request, seq, seq + 1) for seq, request in enumerate(requests)]
    return Device(build_id=library.build_id), frames


def test_native_device_answers_what_the_reference_answers(library: NativeLibrary) -> None:
    reference, frames = started(library)
    native = library.device()
    for frame in frames:
        theirs = Decoder(True).feed(native.receive(frame))
        ours = Decoder(True).feed(reference.receive(frame))
        assert [event.message for event in theirs[1:] + theirs[:1]] == [event.message for event in ours[1:] + ours[:1]]  # type: ignore[union-attr]
    assert native.snapshot() == reference.pump.snapshot()
    assert native.digests() == reference.pump.digests()


def test_native_device_goes_on_alike_when_restored(library: NativeLibrary) -> None:
    _, frames = started(library)
    one, other = library.device(), library.device()
    one.receive(b"".join(frames))
    other.restore(one.snapshot())
    one.tick(5_000)
    other.tick(5_000)
    assert one.snapshot() == other.snapshot()


def test_native_device_refuses_a_snapshot_that_is_none(library: NativeLibrary) -> None:
    device = library.device()
    before = device.snapshot()
    with pytest.raises(ValueError, match=r"snapshot of 3 bytes refused"):
        device.restore(b"abc")
    assert device.snapshot() == before


def test_native_device_traces_the_effects_of_its_pump(library: NativeLibrary) -> None:
    reference, frames = started(library)
    heard: list[tuple[int, int, int, int]] = []
    reference.pump.on_effect = lambda *effect: heard.append(effect)
    reference.receive(b"".join(frames))
    native = library.device()
    native.trace_effects(100)
    native.receive(b"".join(frames))
    assert native.take_effects() == heard
    assert native.take_effects() == []


def test_columns_hold_what_the_decoder_reads_among_noise(library: NativeLibrary) -> None:
    draw = rng("bulk")
    sent: list[Telemetry] = []
    stream = b""
    for seq in range(500):
        values = {f.name: draw.randint(f.lo, f.hi) for f in layout_of(Telemetry).fields}
        frame = device_frame(Telemetry(**values), seq, 0, draw.getrandbits(32), 1, draw.getrandbits(64))
        kind = draw.randrange(4)
        stream += bytes([frame[3] ^ 1 or 1]).join([frame[:3], frame[4:]]) if kind == 0 else frame
        stream += device_frame(EventNotice(code=1, arg_0=0, arg_1=0), seq, 0, 0, 1, seq) if kind == 1 else b""
    events = Decoder(True).feed(stream)
    sent = [e.message for e in events if isinstance(e, Frame) and isinstance(e.message, Telemetry)]
    found = decode_columns(library, stream + b"\0rest", Telemetry)
    assert [row.tobytes()[DEVICE_BYTES:] for row in found.rows] == [encode_body(message) for message in sent]
    assert found.others == sum(isinstance(e, Frame) for e in events) - len(sent) > 0
    assert sum(found.bad.values()) == sum(isinstance(e, BadFrame) for e in events) > 0
    assert found.rest.endswith(b"rest")


def test_columns_are_empty_when_there_is_no_frame(library: NativeLibrary) -> None:
    assert len(decode_columns(library, b"", Telemetry).rows) == 0
