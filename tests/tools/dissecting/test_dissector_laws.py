"""The dissector's engine reads any bytes as the decoder does, under either Lua, by any table of messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua52, lua54

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.links import NEITHER
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame, device_frame, host_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY
from pumpbench.protocol.registry import Registry
from pumpbench.tools.frame_fields import as_json
from pumpbench.tools.generate import facts
from pumpbench.tools.generate.lua_dissector import text
from tests.hil.capture.making import T0_NS
from tests.protocol.corpus import CASES
from tests.protocol.samples import SAMPLES, Grown, Step, Steps, any_message
from tests.protocol.streams import WIRES, cut, noisy_stream
from tests.support import effort, require, rng
from tests.tools.dissecting.shown import rows

LUAS = {"5.2": lua52, "5.4": lua54}
SIDES = (True, False, None)
Told = tuple[Any, ...]


class Engine:
    """The engine in a Lua of its own; frames come back as `told` writes them."""

    def __init__(self, version: str, script: str) -> None:
        self.lua = LUAS[version].LuaRuntime(encoding=None)
        self.wire = self.lua.execute(script.encode())

    def events_of(self, chunks: Sequence[bytes], from_device: bool | None) -> list[Told]:
        stream, found = self.lua.table(b"", 0), []
        for chunk in chunks:
            runs, stream = self.wire[b"split"](stream, chunk)
            found += [self._told(self.wire[b"read"](run, from_device)) for run in runs.values()]
        return found

    def _told(self, frame: Any) -> Told:
        header = frame[b"header"]
        numbers = header and tuple(header[name] for name in (b"version", b"flags", b"type", b"seq", b"request_id", b"session"))
        items = frame[b"items"]
        return frame[b"fault"], frame[b"raw"], frame[b"size"], numbers, items and (items[b"count"])


def told(event: Frame | BadFrame) -> Told:
    header = event.header and tuple(event.header[:6])
    if isinstance(event, BadFrame):
        return event.fault, event.raw, event.size_bytes, header, None
    known = hasattr(type(event.message), "__layout__") and layout_of(type(event.message)).tail
    return None, event.raw, len(event.raw), header, len(event.message[-1]) if known else None


@pytest.fixture(scope="module", params=LUAS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(request.param, text())


def assert_reads_as_the_decoder(engine: Engine, chunks: Sequence[bytes], registry: Registry = REGISTRY) -> None:
    for from_device in SIDES:
        decoder = Decoder(from_device, registry)
        expected = [told(event) for chunk in chunks for event in decoder.feed(chunk)]
        assert engine.events_of(chunks, from_device) == expected


def test_engine_reads_the_golden_frames_as_the_decoder_does(engine: Engine) -> None:
    assert_reads_as_the_decoder(engine, [bytes.fromhex(case["wire"]) for case in CASES])


def test_engine_reads_noise_in_any_chunks_as_the_decoder_does(engine: Engine) -> None:
    draw = rng("engine noise")
    for _ in range(effort(60, 5000)):
        stream = noisy_stream(draw, 12)
        assert_reads_as_the_decoder(engine, cut(stream, [draw.randrange(len(stream) + 1) for _ in range(draw.randrange(9))]))


def test_engine_reads_any_frame_with_a_bit_flipped_as_the_decoder_does(engine: Engine) -> None:
    draw = rng("engine flips")
    for wire in WIRES if effort(0, 1) else draw.sample(WIRES, 60):
        data = bytearray(wire)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        assert_reads_as_the_decoder(engine, [bytes(data), b"\0"])


SAMPLE_ENGINES: dict[str, Engine] = {}


@pytest.fixture(autouse=True, scope="module")
def sample_engines() -> None:
    """Engines over messages that no device has: signed, grown twice, with tails that grew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts, "messages", lambda: list(SAMPLES.layouts()))
        script = text()
    SAMPLE_ENGINES.update({version: Engine(version, script) for version in LUAS})


@given(any_message(SAMPLES), st.integers(0, 40), st.integers(0, 3), st.booleans())
def test_engine_reads_shorter_and_longer_bodies_as_the_decoder_does(
    message: Any, cut_bytes: int, more: int, device: bool
) -> None:
    wire = device_frame(message, 1, 2, 3, 4, 5) if device else host_frame(message, 1, 2, 3)
    wires = [wire, resized(wire, cut_bytes, more)]
    for one in SAMPLE_ENGINES.values():
        assert_reads_as_the_decoder(one, wires, SAMPLES)


def resized(wire: bytes, cut_bytes: int, more: int) -> bytes:
    """The frame with bytes taken from its body's end and others put there, its CRC made to fit."""
    plain = cobs.decode(wire[1:-1])
    body = (plain[: max(14, len(plain) - 4 - cut_bytes)] + bytes(range(7, 7 + more)))[:249]
    return b"\0" + bytes(cobs.encode(body + crc32c(body).to_bytes(4, "little"))) + b"\0"


def test_dissector_fills_in_what_an_older_sender_did_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("wireshark")
    monkeypatch.setattr(facts, "messages", lambda: list(SAMPLES.layouts()))
    (tmp_path / "samples.lua").write_text(text())
    grown = device_frame(Grown(first=7, second=8, third=9, fourth=2**63), 1, 2, 3, 4, 5)
    steps = host_frame(Steps(index=1, steps=(Step(at_minute=6, dose_ng=70_000, late_ms=9),) * 2), 1, 2, 3)
    wires = [grown, resized(grown, 8, 0), resized(grown, 14, 0), resized(grown, 1, 0), steps, resized(steps, 1, 0)]
    path = tmp_path / "samples.pcapng"
    with CaptureWriter(path, clock_ns=lambda: T0_NS) as writer:
        line = writer.add_line("link0")
        for wire in wires:
            writer.line(line, NEITHER, T0_NS, wire)
    shown = rows(path, tmp_path / "samples.lua", SAMPLES)
    assert [row.get("fields", row.get("fault")) for row in shown] == [
        as_json(event.message) if isinstance(event, Frame) else WireFault.name_of(event.fault)
        for event in (Decoder(None, SAMPLES).feed(wire)[0] for wire in wires)
    ]
    assert shown[2]["fields"] == {"first": 7, "second": 0, "third": 0, "fourth": "0"}
