"""Laws of the decoder: every chunking gives the same events, no byte is lost, none raises, memory stays bounded."""

import random
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame, Unknown, encode_frame
from tests.protocol.corpus import CASES, named
from tests.protocol.streams import accounted_bytes, cut, events_of, noisy_stream
from tests.support import effort, rng


@pytest.mark.parametrize("case", CASES, ids=named)
def test_decoder_gives_the_same_events_byte_by_byte_and_for_every_cut_in_two(case: dict[str, Any]) -> None:
    stream, device = bytes.fromhex(case["wire"]), case["from_device"]
    whole = events_of([stream], device)
    assert events_of([bytes([one]) for one in stream], device) == whole
    assert [at for at in range(len(stream)) if events_of(cut(stream, [at]), device) != whole] == []


def test_decoder_gives_the_same_events_for_seeded_cuts_of_noisy_streams() -> None:
    draw = rng("chunking")
    for _ in range(effort(300, 20_000)):
        stream = noisy_stream(draw, draw.randrange(1, 12))
        cuts = [draw.randrange(len(stream) + 1) for _ in range(draw.randrange(30))]
        assert events_of(cut(stream, cuts)) == events_of([stream]), f"{stream.hex()} cut at {sorted(cuts)}"


@given(st.lists(st.binary(max_size=300), max_size=8), st.sampled_from([None, True, False]))
def test_decoder_accounts_for_every_byte(chunks: list[bytes], device: bool | None) -> None:
    decoder = Decoder(device)
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    assert decoder.fed_bytes == sum(map(len, chunks)) == accounted_bytes(decoder, events)


def judge_fuzz(stream: bytes, device: bool | None, draw: random.Random) -> None:
    """No byte lost; what is bad has a fault and its own bytes; what is good says again what was heard."""
    decoder = Decoder(device)
    events = [event for chunk in cut(stream, [draw.randrange(len(stream) + 1)]) for event in decoder.feed(chunk)]
    assert accounted_bytes(decoder, events) == len(stream), stream.hex()
    heard = b"\0" + stream
    for event in events:
        assert heard.find(b"\0" + event.raw) >= 0, stream.hex()
        if isinstance(event, Frame):
            again = encode_frame(event.header, event.message)
            assert events_of([again], event.header.from_device)[0].head == event.head  # type: ignore[union-attr]
            assert isinstance(event.message, Unknown) or len(again) <= len(event.wire)
        else:
            assert event.fault in {value for _, value in WireFault.items()}, stream.hex()


def test_decoder_survives_fuzz_and_loses_nothing() -> None:
    draw = rng("fuzz")
    for number in range(effort(100_000, 1_000_000)):
        stream = draw.randbytes(draw.randrange(60)) if number % 4 == 0 else noisy_stream(draw, 1)
        judge_fuzz(stream, draw.choice((None, True, False)), draw)


def test_decoder_holds_little_when_no_zero_byte_comes() -> None:
    decoder, chunk = Decoder(True), b"\x55" * 65_536
    tracemalloc.start()
    try:
        for _ in range(160):
            assert decoder.feed(chunk) == []
        held_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held_bytes < 4096
    assert decoder.pending_bytes == decoder.fed_bytes == 160 * 65_536
    (event,) = decoder.feed(b"\0")
    assert event == BadFrame(WireFault.OVERSIZE, b"\x55" * 256, 160 * 65_536)


@pytest.mark.parametrize("size", [254, 255, 256, 257, 258])
def test_decoder_judges_oversize_at_the_same_byte_however_it_comes(size: int) -> None:
    run = b"\x01" * size
    expected = WireFault.OVERSIZE if size > 254 else WireFault.CRC
    for chunks in ([run + b"\0"], [run, b"\0"], [run[:100], run[100:] + b"\0"], [bytes([b]) for b in run + b"\0"]):
        (event,) = events_of(chunks, False)
        assert isinstance(event, BadFrame)
        assert (event.fault, event.size_bytes, event.raw) == (expected, size, run[:256])


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_decoder_takes_any_buffer(kind: Any) -> None:
    wire = bytes.fromhex(CASES[0]["wire"])
    assert Decoder(False).feed(kind(wire)) == events_of([wire], False)


def test_bad_frame_carries_its_header_only_where_the_crc_vouches_for_it() -> None:
    for case in CASES:
        for event in events_of([bytes.fromhex(case["wire"])], case["from_device"]):
            if isinstance(event, BadFrame):
                vouched = event.fault in (WireFault.VERSION, WireFault.LENGTH, WireFault.RANGE)
                assert (event.header is not None) == vouched
                assert (event.crc != 0) == vouched
                assert vouched or event.body == b""
