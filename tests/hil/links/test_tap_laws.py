"""The laws of a tap: joined, its chunks are exactly the bytes that passed; a failure hands over what had passed and no more."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.links import INBOUND, OUTBOUND, Direction, Link, LinkLost, LinkStalled, PtyLink, Tap, memory_pair, steady_clock
from pumpbench.hil.links.descriptor import Descriptor
from tests.contracts.links import EVERY_BYTE
from tests.support import require

Seen = list[tuple[Direction, int, bytes]]


def joined(seen: Seen, direction: Direction) -> bytes:
    """Every byte the tap handed over in one direction."""
    return b"".join(chunk for way, _, chunk in seen if way == direction)


def sink_into(seen: Seen) -> Callable[[Direction, int, bytes], None]:
    """A sink that keeps everything."""
    return lambda direction, t_ns, chunk: seen.append((direction, t_ns, chunk))


@given(st.lists(st.tuples(st.sampled_from(["write", "read", "answer"]), st.binary(max_size=40))))
def test_tap_hands_over_exactly_what_passed(steps: list[tuple[str, bytes]]) -> None:
    host, device = memory_pair()
    seen: Seen = []
    tap = Tap(host, sink_into(seen))
    written, read = b"", b""
    for step, data in steps:
        if step == "write":
            tap.write(data)
            written += data
        elif step == "answer":
            device.write(data)
        else:
            read += tap.read(0)
    assert joined(seen, OUTBOUND) == written
    assert joined(seen, INBOUND) == read
    assert all(chunk for _, _, chunk in seen)
    times = [t_ns for _, t_ns, _ in seen]
    assert times == sorted(times)


def test_tap_turns_directions_when_it_sits_at_the_device() -> None:
    host, device = memory_pair()
    seen: Seen = []
    tap = Tap(device, sink_into(seen), at_device=True)
    host.write(b"request")
    tap.read(0)
    tap.write(b"reply")
    assert [(way, chunk) for way, _, chunk in seen] == [(OUTBOUND, b"request"), (INBOUND, b"reply")]


class HalfWay(Link):
    """Takes three bytes of every write, then fails."""

    url = "half-way"

    def write(self, data: bytes) -> None:
        raise LinkStalled(self.url, "took no more", "read on", passed_bytes=min(3, len(data)))

    def read(self, timeout_s: float) -> bytes:
        raise LinkLost(self.url, "gone", "reconnect")

    def close(self) -> None:
        pass


def test_tap_hands_over_the_half_when_a_write_fails_half_way() -> None:
    seen: Seen = []
    tap = Tap(HalfWay(), sink_into(seen))
    with pytest.raises(LinkStalled):
        tap.write(EVERY_BYTE)
    with pytest.raises(LinkStalled):
        tap.write(b"")
    with pytest.raises(LinkLost):
        tap.read(0)
    assert [(way, chunk) for way, _, chunk in seen] == [(OUTBOUND, EVERY_BYTE[:3])]


def test_stall_tells_how_much_had_passed_when_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    require("pty")
    monkeypatch.setattr("pumpbench.hil.links.descriptor.STALL_S", 0.01)
    with PtyLink() as device:
        host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        with pytest.raises(LinkStalled) as told:
            device.write(EVERY_BYTE * 4000)
        held = b""
        descriptor = Descriptor(host, device.slave_path)
        while chunk := descriptor.read(0.2):
            held += chunk
        os.close(host)
        assert 0 < told.value.passed_bytes == len(held)


def test_steady_clock_never_steps_back() -> None:
    clock_ns = steady_clock()
    times = [clock_ns() for _ in range(1000)]
    assert times == sorted(times)
    assert times[0] > 1_600_000_000_000_000_000
