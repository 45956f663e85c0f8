"""The wire as such: bytes are conserved, the bench's frames pass exact, a run is repeatable, a wire reads as it was written."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.links import INBOUND, OUTBOUND, Link, memory_pair
from pumpbench.hil.scenario.wire_table import read_wire
from pumpbench.hil.wire import Fault, Wire, WireLink, generate
from pumpbench.hil.wire.garble import flipped, heard_at
from pumpbench.hil.wire.lane import Counts
from pumpbench.hil.wire.text import wire_toml
from pumpbench.hil.wire.units import Units, therapy_frame
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, device_frame, host_frame
from pumpbench.protocol.messages import Done, Identify, ReadLink, ReadStatus
from tests.hil.wire.wires import wires

# Which way, on which channel, with which id.
SENT = st.lists(st.tuples(st.sampled_from((OUTBOUND, INBOUND)), st.booleans(), st.integers(1, 99)), max_size=60)


def frame_of(direction: int, bench: bool, request_id: int) -> bytes:
    if direction == INBOUND:
        return device_frame(Done(done_type=1), 0, request_id, 0, 1, 5, bench=bench)
    return host_frame(Identify() if bench else ReadStatus(), 0, request_id, bench=bench)


class Ends:
    """Both ends of a wire, and what came out of each."""

    def __init__(self, wire: Wire) -> None:
        host, self.device = memory_pair()
        self.told: list[Fault] = []
        self.wire = WireLink(host, wire, lambda fault, frame: self.told.append(fault))
        self.out = {OUTBOUND: b"", INBOUND: b""}

    def send(self, direction: int, data: bytes) -> None:
        if direction == OUTBOUND:
            self.wire.write(data)
            self.out[OUTBOUND] += self._taken(self.device)
        else:
            self.device.write(data)
            self.out[INBOUND] += self._taken(self.wire)

    def _taken(self, link: Link) -> bytes:
        return b"".join(iter(lambda: link.read(0), b""))


def through(wire: Wire, sent: list[tuple[int, bool, int]]) -> Ends:
    ends = Ends(wire)
    for direction, bench, request_id in sent:
        ends.send(direction, frame_of(direction, bench, request_id))
    return ends


def frames_in(data: bytes) -> list[Any]:
    return [event for event in Decoder().feed(data) if not isinstance(event, BadFrame)]


def balance(counts: Counts) -> int:
    return counts.fed_bytes + counts.added_bytes - counts.passed_bytes - counts.lost_bytes - counts.held_bytes


@given(wires(), SENT)
def test_wire_conserves_bytes_whatever_goes_wrong(wire: Wire, sent: list[tuple[int, bool, int]]) -> None:
    ends = through(wire, sent)
    for lane, direction in ((ends.wire.outbound, OUTBOUND), (ends.wire.inbound, INBOUND)):
        fed = sum(len(frame_of(way, bench, number)) for way, bench, number in sent if way == direction)
        assert lane.counts.fed_bytes == fed
        assert lane.counts.passed_bytes == len(ends.out[direction])
        assert balance(lane.counts) == 0


@given(wires(), SENT)
def test_bench_frames_pass_exact_and_in_order_whatever_goes_wrong(wire: Wire, sent: list[tuple[int, bool, int]]) -> None:
    ends = through(wire, sent)
    for direction in (OUTBOUND, INBOUND):
        bench = [frame_of(way, True, number) for way, on_bench, number in sent if way == direction and on_bench]
        assert [one.wire for one in frames_in(ends.out[direction]) if one.header.bench] == bench


@given(wires(), SENT)
def test_no_frame_arrives_that_was_not_sent(wire: Wire, sent: list[tuple[int, bool, int]]) -> None:
    ends = through(wire, sent)
    for direction in (OUTBOUND, INBOUND):
        told = {frame_of(*one) for one in sent if one[0] == direction}
        assert {one.wire for one in frames_in(ends.out[direction])} <= told


@given(wires(), SENT)
def test_wire_does_the_same_to_the_same_frames_each_time(wire: Wire, sent: list[tuple[int, bool, int]]) -> None:
    first, second = through(wire, sent), through(wire, sent)
    assert (first.out, first.told) == (second.out, second.told)


@given(SENT)
def test_wire_without_faults_changes_nothing(sent: list[tuple[int, bool, int]]) -> None:
    ends = through(Wire(), sent)
    for direction in (OUTBOUND, INBOUND):
        assert ends.out[direction] == b"".join(frame_of(*one) for one in sent if one[0] == direction)
    assert ends.told == []


@given(wires())
def test_wire_reads_as_it_was_written(wire: Wire) -> None:
    read = read_wire(wire_toml(wire), "wire.toml")
    assert read.as_dict() == wire.as_dict()
    assert wire_toml(read) == wire_toml(wire)


@given(st.integers(0, 2**32))
def test_generated_wire_is_the_same_for_the_same_seed(seed: int) -> None:
    assert generate(seed) == generate(seed)
    assert generate(seed).faults


@given(st.binary(max_size=300).map(lambda data: data + b"\0"), st.lists(st.integers(0, 300), max_size=5))
def test_units_joined_are_the_stream_in_any_chunks(stream: bytes, cuts: list[int]) -> None:
    units, found = Units(), []
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in zip(edges, edges[1:], strict=False):
        found += units.feed(stream[start:end])
    whole = Units()
    assert found == whole.feed(stream)
    assert len(b"".join(found)) + units.pending_bytes == len(stream)
    assert stream.startswith(b"".join(found))


@given(st.binary(min_size=1, max_size=80), st.integers(0, 5000))
def test_flip_turns_one_bit_and_twice_none(data: bytes, bit: int) -> None:
    changed = flipped(data, bit)
    assert sum((one ^ other).bit_count() for one, other in zip(data, changed, strict=True)) == 1
    assert flipped(changed, bit) == data


@given(st.binary(max_size=80))
def test_same_rate_hears_what_was_sent(data: bytes) -> None:
    assert heard_at(data, 100) == data
    assert heard_at(data, 103) == data, "a receiver off by 3 in 100 still samples each bit"


def test_frame_is_garbled_when_the_rates_differ() -> None:
    sent = frame_of(OUTBOUND, False, 7)
    for percent in (50, 83, 120, 200):
        assert frames_in(heard_at(sent, percent) + b"\0") == []


def test_only_good_frames_of_therapy_meet_faults() -> None:
    assert therapy_frame(frame_of(OUTBOUND, False, 7)) is not None
    assert therapy_frame(host_frame(ReadLink(), 0, 1, bench=True)) is None
    assert therapy_frame(b"\0noise\0") is None


def test_paced_wire_waits_as_long_as_its_bits_take() -> None:
    host, _ = memory_pair()
    waited: list[float] = []
    frame = frame_of(OUTBOUND, False, 7)
    wire = WireLink(host, Wire(baud=9600), sleep=waited.append)
    wire.write(frame)
    wire.write(frame_of(OUTBOUND, True, 8))
    assert waited == [len(frame) * 10 / 9600]
