"""Pairing of replies, retries, and the device's sequence; no clock anywhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity, Exchange, Step
from pumpbench.protocol.frame import Frame, device_frame
from tests.protocol.samples import SAMPLES, Empty, Grown


def from_device(request_id: int, seq: int = 0) -> Frame:
    (frame,) = Decoder(True, SAMPLES).feed(device_frame(Grown(first=1), seq, request_id, 0, 1, 2))
    assert isinstance(frame, Frame)
    return frame


def sent(wire: bytes) -> Frame:
    (frame,) = Decoder(False, SAMPLES).feed(wire)
    assert isinstance(frame, Frame)
    return frame


def test_requests_carry_rising_ids_rising_seq_and_the_session() -> None:
    exchange = Exchange(next_id=41)
    exchange.session = 7
    headers = [sent(exchange.request(Empty()).wire).header for _ in range(3)]
    assert [(h.request_id, h.seq, h.session) for h in headers] == [(41, 0, 7), (42, 1, 7), (43, 2, 7)]


def test_reply_is_paired_by_its_id_whatever_the_order() -> None:
    exchange = Exchange()
    first, second = exchange.request(Empty()), exchange.request(Empty())
    roles = [
        (r.role, r.request_id) for r in map(exchange.receive, (from_device(second.request_id), from_device(first.request_id)))
    ]
    assert roles == [("reply", second.request_id), ("reply", first.request_id)]
    assert exchange.outstanding == ()


def test_reply_that_was_given_up_is_late_and_pairs_with_nothing() -> None:
    exchange = Exchange()
    old = exchange.request(Empty())
    exchange.give_up(old.request_id)
    new = exchange.request(Empty())
    assert exchange.receive(from_device(old.request_id)).role == "late"
    assert exchange.outstanding == (new.request_id,)
    assert exchange.receive(from_device(new.request_id)).role == "reply"


def test_reply_that_comes_twice_is_late_the_second_time() -> None:
    exchange = Exchange()
    one = exchange.request(Empty())
    assert [exchange.receive(from_device(one.request_id)).role for _ in range(2)] == ["reply", "late"]


def test_frame_without_a_request_is_an_event() -> None:
    assert Exchange().receive(from_device(0)).role == "event"


def test_reply_to_an_id_never_asked_is_late() -> None:
    assert Exchange().receive(from_device(99)).role == "late"


def test_retry_is_the_same_bytes() -> None:
    exchange = Exchange()
    one = exchange.request(Empty())
    exchange.request(Empty())
    assert exchange.retry(one.request_id) == one.wire


def test_retry_of_an_answered_request_is_refused() -> None:
    exchange = Exchange()
    one = exchange.request(Empty())
    exchange.receive(from_device(one.request_id))
    with pytest.raises(KeyError, match="request 1 awaits no reply"):
        exchange.retry(one.request_id)


@pytest.mark.parametrize(("above", "expected"), [(100, 101), (3, 5)])
def test_ids_rise_above_what_the_device_has_seen_and_never_fall(above: int, expected: int) -> None:
    exchange = Exchange(next_id=5)
    exchange.rise_above(above)
    assert exchange.request(Empty()).request_id == expected


def test_ids_end_rather_than_wrap() -> None:
    exchange = Exchange(next_id=2**32 - 1)
    exchange.request(Empty())
    with pytest.raises(OverflowError, match="used up"):
        exchange.request(Empty())


def test_sequence_of_the_host_wraps() -> None:
    exchange = Exchange()
    seqs = []
    for _ in range(65_538):
        one = exchange.request(Empty())
        exchange.give_up(one.request_id)
        if one.request_id > 65_535:
            seqs.append(sent(one.wire).header.seq)
    assert seqs == [65_535, 0, 1]


def follow(*frames: tuple[int, int]) -> list[Step]:
    continuity = Continuity()
    return [continuity.follow(boot, seq) for boot, seq in frames]


@pytest.mark.parametrize(
    ("frames", "last"),
    [
        ([(1, 5)], Step(0, False, False)),
        ([(1, 5), (1, 6)], Step(0, False, False)),
        ([(1, 65_535), (1, 0)], Step(0, False, False)),
        ([(1, 5), (1, 9)], Step(3, False, False)),
        ([(1, 65_534), (1, 1)], Step(2, False, False)),
        ([(1, 5), (1, 5)], Step(0, True, False)),
        ([(1, 5), (1, 3)], Step(0, True, False)),
        ([(1, 5), (1, 32_772)], Step(32_766, False, False)),
        ([(1, 5), (1, 32_773)], Step(0, True, False)),
        ([(1, 5), (1, 3), (1, 6)], Step(0, False, False)),
        ([(1, 5), (2, 0)], Step(0, False, True)),
        ([(1, 5), (2, 0), (2, 1)], Step(0, False, False)),
    ],
)
def test_continuity_tells_lost_repeated_and_rebooted(frames: list[tuple[int, int]], last: Step) -> None:
    assert follow(*frames)[-1] == last


@given(st.integers(0, 65_535), st.lists(st.booleans(), max_size=200))
def test_continuity_counts_exactly_the_frames_that_were_dropped(start: int, kept: list[Any]) -> None:
    arrived = [n for n, keep in enumerate([True, *kept]) if keep]
    steps = follow(*((1, (start + n) % 65_536) for n in arrived))
    assert sum(step.missing_count for step in steps) == arrived[-1] + 1 - len(arrived)
    assert not any(step.repeated or step.rebooted for step in steps)
