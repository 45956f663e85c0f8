"""What a verification says of captures that lost, gained or swapped records, and of those that never ended."""

from pathlib import Path

import pytest

from pumpbench.hil.capture import Record, Verification, parse_meta, verify
from pumpbench.hil.links import INBOUND, OUTBOUND
from tests.hil.capture.making import LinePayload, make_capture, readable

PAYLOADS: list[LinePayload] = [(INBOUND if index % 3 else OUTBOUND, b"%05d" % index) for index in range(2500)]


def edited(tmp_path: Path, first: int, last: int, *, keep: tuple[int, ...]) -> Verification:
    """The verification after records `first` to `last` gave way to those of them that `keep` names, in that order."""
    path = make_capture(tmp_path / "a.pcapng", PAYLOADS)
    data, items = path.read_bytes(), readable(path)
    starts = [item.offset for item in items if isinstance(item, Record)] + [len(data)]
    parts = [data[starts[first + index] : starts[first + index + 1]] for index in range(last - first)]
    path.write_bytes(data[: starts[first]] + b"".join(parts[index] for index in keep) + data[starts[last] :])
    return verify(path)


def test_capture_is_whole_when_nothing_was_touched(tmp_path: Path) -> None:
    result = edited(tmp_path, 10, 12, keep=(0, 1))
    assert result == Verification(
        records=2504, vouched=2504, lost=0, checksum_ok=True, trailer=True, ended="complete", disagreed_at=None, damage=None
    )
    assert result.whole


def test_lost_records_are_counted_and_bounded_by_checkpoints(tmp_path: Path) -> None:
    result = edited(tmp_path, 1200, 1203, keep=())
    assert (result.lost, result.checksum_ok, result.whole) == (3, False, False)
    assert result.vouched == 1001  # up to the first checkpoint, itself included
    assert result.disagreed_at is not None


@pytest.mark.parametrize("keep", [(0, 0, 1), (1, 0)])
def test_gained_or_swapped_records_break_the_checksum(tmp_path: Path, keep: tuple[int, ...]) -> None:
    result = edited(tmp_path, 1201, 1203, keep=keep)
    assert (result.checksum_ok, result.lost, result.trailer, result.whole) == (False, 0, True, False)


def test_record_turned_round_breaks_the_checksum(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(INBOUND, b"turn me")])
    data = bytearray(path.read_bytes())
    flags_at = data.index(b"turn me") + 8 + 4
    assert data[flags_at] == INBOUND
    data[flags_at] = OUTBOUND
    path.write_bytes(data)
    assert verify(path).checksum_ok is False


def test_capture_without_trailer_is_vouched_for_up_to_its_last_checkpoint(tmp_path: Path) -> None:
    result = verify(make_capture(tmp_path / "a.pcapng", PAYLOADS, close=False))
    assert (result.trailer, result.checksum_ok, result.ended) == (False, True, "")
    assert (result.records, result.vouched) == (2503, 2001)
    assert not result.whole


def test_capture_without_any_tally_compares_nothing(tmp_path: Path) -> None:
    result = verify(make_capture(tmp_path / "a.pcapng", PAYLOADS[:5], close=False))
    assert (result.records, result.vouched, result.checksum_ok, result.trailer) == (6, 0, None, False)


def test_record_after_the_trailer_is_not_vouched_for(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", PAYLOADS[:5])
    data = path.read_bytes()
    second = [item.offset for item in readable(path) if isinstance(item, Record)][1:3]
    path.write_bytes(data + data[second[0] : second[1]])
    result = verify(path)
    assert (result.records - result.vouched, result.whole) == (1, False)


@pytest.mark.parametrize(
    ("payload", "words"),
    [(b"{", "no JSON"), (b"[1]", "JSON list"), (b"\xff", "no JSON"), (b"[" * 100_000, "no JSON"), (b"", "no JSON")],
)
def test_meta_is_damage_when_it_is_no_object(payload: bytes, words: str) -> None:
    found = parse_meta(Record("meta", 0, 0, payload, True, 64))
    assert words in str(found)
    assert "byte 64" in str(found)
