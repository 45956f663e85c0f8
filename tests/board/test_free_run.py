"""Unarmed time: what a device sends nobody may lose, what it drops and counts, and what waits."""

import ctypes

from pumpbench.hil.native import NativeDevice
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.messages import Disarm, Done, Inject, ReadLink, RunTo, Subscribe, Telemetry
from tests.board.bench import Bench, treating


def free_running(period_ticks: int = 1) -> Bench:
    bench = treating()
    assert isinstance(bench.ask(Subscribe(period_ticks=period_ticks)), Done)
    assert isinstance(bench.ask(Disarm()), Done)
    return bench


def passes(bench: Bench, ticks: int, room: int = 1 << 20) -> list[Frame]:
    """What the device sends in so many ticks into a buffer of `room` bytes."""
    device = bench.device
    assert isinstance(device, NativeDevice)
    out = ctypes.create_string_buffer(max(room, 1))
    size = device.library.lib.pb_device_advance(device._memory, ticks, out, room)
    events = bench.decoder.feed(out.raw[:size])
    assert not any(isinstance(one, BadFrame) for one in events)
    return [one for one in events if isinstance(one, Frame)]


def test_telemetry_comes_every_period_of_free_run() -> None:
    frames = passes(free_running(7), 70)
    assert [one.header.tick for one in frames] == list(range(107, 171, 7))
    assert all(isinstance(one.message, Telemetry) for one in frames)


def test_oldest_telemetry_is_dropped_and_counted_when_nobody_reads() -> None:
    bench = free_running()
    assert passes(bench, 200, room=0) == []
    frames = passes(bench, 0)
    dropped = bench.ask(ReadLink()).dropped_telemetry_count
    assert dropped > 0
    assert dropped + len(frames) == 200
    # What is left is the newest, whole and in order.
    assert [one.header.tick for one in frames] == list(range(301 - len(frames), 301))


def test_no_tick_is_skipped_when_nobody_reads() -> None:
    bench, other = free_running(), free_running()
    passes(bench, 2_000, room=0)
    passes(other, 2_000)
    assert bench.device.snapshot() == other.device.snapshot()  # type: ignore[attr-defined]


def test_armed_device_lets_no_time_pass_by_itself() -> None:
    bench = treating()
    before = bench.device.snapshot()  # type: ignore[attr-defined]
    assert passes(bench, 1_000) == []
    assert bench.device.snapshot() == before  # type: ignore[attr-defined]


def test_credit_waits_for_room_to_send_and_loses_no_telemetry() -> None:
    bench = treating()
    bench.ask(Subscribe(period_ticks=1))
    bench.ask(Inject(fault=1, arg_0=1, arg_1=0, arg_2=0))
    frames = bench.frames(RunTo(target_tick=3_000, stop_mask=0))
    ticks = [one.header.tick for one in frames if isinstance(one.message, Telemetry)]
    assert ticks == list(range(101, 3_001))
