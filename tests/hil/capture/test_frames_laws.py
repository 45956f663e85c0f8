"""The law of a capture's frames: however the bytes were cut into records, the frames are those of the whole stream."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.capture import Damage, Record
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, device_frame, host_frame
from pumpbench.protocol.messages import Close, Open, Opened
from tests.hil.capture.making import make_capture, readable

REQUESTS = b"".join([host_frame(Open(serial=7, role=0, nonce=3), 0, 1), b"noise\0", host_frame(Close(), 1, 2, 9)])
REPLIES = device_frame(Opened(session=9, fluid_highest_id=0), 0, 1, 0, 1, 5) * 3


def cut(direction: Direction, data: bytes, at: Sequence[int]) -> list[tuple[Direction, bytes]]:
    """The stream as records, cut at these places."""
    ends = [0, *sorted({place % (len(data) + 1) for place in at}), len(data)]
    return [(direction, data[start:end]) for start, end in zip(ends, ends[1:], strict=False)]


def frames_of(items: Sequence[object], direction: Direction) -> list[Frame | BadFrame]:
    """The events of one direction, in order."""
    return [item.event for item in items if isinstance(item, FrameAt) and item.record.direction == direction]


@given(places=st.tuples(st.lists(st.integers(0, 500)), st.lists(st.integers(0, 500))), order=st.randoms())
def test_frames_are_those_of_the_whole_stream_however_it_was_cut(
    tmp_path_factory: pytest.TempPathFactory, places: tuple[list[int], list[int]], order: random.Random
) -> None:
    requests, replies = cut(OUTBOUND, REQUESTS, places[0]), cut(INBOUND, REPLIES, places[1])
    mixed = []
    while requests or replies:
        take = requests if requests and (not replies or order.random() < 0.5) else replies
        mixed.append(take.pop(0))
    path = make_capture(tmp_path_factory.getbasetemp() / "frames.pcapng", mixed)
    reader = FrameReader()
    items = list(reader.frames(readable(path)))
    assert frames_of(items, OUTBOUND) == Decoder(False).feed(REQUESTS)
    assert frames_of(items, INBOUND) == Decoder(True).feed(REPLIES)
    assert len(frames_of(items, OUTBOUND)) == 3
    assert reader.pending_bytes == 0


def test_frame_comes_with_the_record_that_completed_it(tmp_path: Path) -> None:
    wire = host_frame(Close(), 1, 2, 9)
    path = make_capture(tmp_path / "a.pcapng", [(OUTBOUND, wire[:5]), (INBOUND, b"\0"), (OUTBOUND, wire[5:] + wire)])
    items = list(FrameReader().frames(readable(path)))
    found = [item for item in items if isinstance(item, FrameAt)]
    assert [item.record.payload for item in found] == [wire[5:] + wire] * 2
    assert [item.event.wire for item in found] == [wire] * 2
    assert [item.record.interface for item in found] == ["link0"] * 2


def test_meta_and_damage_come_through_in_their_place(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(OUTBOUND, REQUESTS[:9])], close=False)
    path.write_bytes(path.read_bytes() + b"torn")
    reader = FrameReader()
    items = list(reader.frames(readable(path)))
    assert [type(item) for item in items] == [Record, Damage]
    assert reader.pending_bytes == 8  # after the zero byte the frame opens with
