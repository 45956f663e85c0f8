"""The laws of a capture: what passed is what is read; a cut loses only what it cut; no byte makes a reader raise."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.capture import CaptureError, CaptureWriter, Damage, Record, Verifier, parse_meta, read, read_stream, verify
from pumpbench.hil.links import INBOUND, OUTBOUND, Tap, memory_pair
from tests.hil.capture.making import T0_NS, LinePayload, damages, line_payloads, lines, make_capture, readable
from tests.support import effort, rng


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all the examples of a law."""
    return tmp_path_factory.mktemp("laws")


@given(payloads=line_payloads, buffered=st.booleans())
def test_reader_gives_what_the_writer_took(folder: Path, payloads: list[LinePayload], buffered: bool) -> None:
    items = readable(make_capture(folder / "a.pcapng", payloads, buffered=buffered))
    assert damages(items) == []
    assert [(record.direction, record.payload) for record in lines(items)] == payloads
    assert [record.t_ns for record in lines(items)] == [T0_NS + index * 1000 for index in range(len(payloads))]
    assert {record.interface for record in lines(items)} <= {"link0"}
    metas = [parse_meta(item) for item in items if isinstance(item, Record) and item.is_meta]
    assert metas[0] == {"record": "opening", "seed": 7}
    assert isinstance(metas[-1], dict)
    assert metas[-1]["record"] == "trailer"


@given(st.lists(st.tuples(st.sampled_from(["write", "answer", "read"]), st.binary(max_size=30)), max_size=40))
def test_payloads_of_a_direction_joined_are_the_bytes_that_passed(folder: Path, steps: list[tuple[str, bytes]]) -> None:
    path = folder / "tap.pcapng"
    host, device = memory_pair()
    written = got = b""
    with CaptureWriter(path, force=True) as writer:
        tap = Tap(host, writer.sink(writer.add_line("link0")))
        for step, data in steps:
            if step == "write":
                tap.write(data)
                written += data
            elif step == "answer":
                device.write(data)
            else:
                got += tap.read(0)
    records = lines(readable(path))
    assert b"".join(record.payload for record in records if record.direction == OUTBOUND) == written
    assert b"".join(record.payload for record in records if record.direction == INBOUND) == got
    assert verify(path).whole


def test_cut_loses_only_the_record_it_cuts_wherever_it_cuts(tmp_path: Path) -> None:
    payloads: list[LinePayload] = [(INBOUND, bytes(range(size))) for size in range(9)]
    data = make_capture(tmp_path / "a.pcapng", payloads).read_bytes()
    whole = list(read_stream(io.BytesIO(data)))
    starts = [record.offset for record in whole if isinstance(record, Record)]
    ends = [start + int.from_bytes(data[start + 4 : start + 8], "little") for start in starts]
    clean = _block_ends(data)
    for cut in range(1, len(data)):
        items = list(read_stream(io.BytesIO(data[:cut])))
        assert [item for item in items if isinstance(item, Record)] == whole[: sum(end <= cut for end in ends)]
        assert isinstance(items[-1], Damage) if cut not in clean else damages(items) == []


def _block_ends(data: bytes) -> set[int]:
    """Where the file may end without damage: after any block, whatever kind it is."""
    ends, at = set(), 0
    while at < len(data):
        at += int.from_bytes(data[at + 4 : at + 8], "little")
        ends.add(at)
    return ends


def _judged(data: bytes) -> tuple[list[Record | Damage], Verifier]:
    items, verifier = list(read_stream(io.BytesIO(data))), Verifier()
    for item in items:
        verifier.see(item)
    return items, verifier


def _flipped(data: bytes, name: str, count: int) -> Iterator[bytes]:
    draws = rng(name)
    for _ in range(count):
        flipped = bytearray(data)
        for _ in range(draws.choice((1, 1, 1, 2, 5, 40))):
            flipped[draws.randrange(len(data))] = draws.randrange(256)
        cut = draws.choice((len(data), len(data), draws.randrange(len(data))))
        yield bytes(flipped[:cut])


def test_reader_raises_nothing_whatever_bytes_are_flipped(tmp_path: Path) -> None:
    payloads: list[LinePayload] = [(INBOUND, bytes(size)) for size in range(12)]
    data = make_capture(tmp_path / "a.pcapng", payloads).read_bytes()
    damaged = 0
    for flipped in _flipped(data, "flips", effort(5_000, 500_000)):
        items, verifier = _judged(flipped)
        damaged += bool(damages(items))
        assert len(damages(items)) <= 1
        assert not damages(items) or items[-1] == damages(items)[0] == verifier.result().damage
    assert damaged  # the draw did reach what damage is made of


@given(st.binary(max_size=400))
def test_reader_raises_nothing_whatever_follows_a_section(tail: bytes) -> None:
    head = bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000")
    assert len(damages(_judged(head + tail)[0])) <= 1
    assert len(damages(_judged(tail)[0])) <= 1


def test_every_flipped_bit_of_a_payload_is_seen(tmp_path: Path) -> None:
    payloads: list[LinePayload] = [(INBOUND, b"pump"), (OUTBOUND, b"bench")]
    data = make_capture(tmp_path / "a.pcapng", payloads).read_bytes()
    items = list(read_stream(io.BytesIO(data)))
    assert _judged(data)[1].result().whole
    records = [item for item in items if isinstance(item, Record)][:-1]  # the trailer is what they are held against
    for record in records:
        start = data.index(record.payload, record.offset)
        for bit in range(len(record.payload) * 8):
            flipped = bytearray(data)
            flipped[start + bit // 8] ^= 1 << bit % 8
            result = _judged(bytes(flipped))[1].result()
            assert not result.whole
            assert result.checksum_ok is False


def test_file_is_one_damage_when_it_is_no_capture(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    for content in (b"", b"\xd4\xc3\xb2\xa1 an old pcap", b"hello", b"\x0a\x0d", b"\x0a\x0d\x0d\x0a\x1c\0\0\0magic!!!"):
        path.write_bytes(content)
        items = readable(path)
        assert len(items) == 1
        assert damages(items)[0].offset == 0
        assert "expected" in str(items[0])
        assert not verify(path).whole
    with pytest.raises(CaptureError, match="cannot be read"):
        next(read(tmp_path / "missing.pcapng"))
    with pytest.raises(CaptureError, match="cannot be read"):
        next(read(tmp_path))


def test_huge_length_is_damage_and_takes_no_memory(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(INBOUND, b"x")])
    whole = readable(path)
    for length in (0xFFFFFFFC, 0x80000000, 16 * 1024 * 1024 + 4, 16 * 1024 * 1024, 8, 0, 33):
        torn = path.read_bytes() + b"\x06\0\0\0" + length.to_bytes(4, "little") + bytes(64)
        tracemalloc.start()
        items = list(read_stream(io.BytesIO(torn)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert items[:-1] == whole
        assert isinstance(items[-1], Damage)
        assert peak < 4_000_000


def test_reader_holds_a_window_and_no_more_when_the_file_is_large(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(INBOUND, bytes(4000))] * 10_000, buffered=True)
    assert path.stat().st_size > 40_000_000
    tracemalloc.start()
    count = sum(not isinstance(item, Damage) for item in read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000 + 2 + 10
    assert peak < 8_000_000
