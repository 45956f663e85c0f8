"""Serving a device in free run: how many ticks pass for how much time, who is answered, what is counted late."""

import threading

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import MemoryLink, PtyLink, SerialLink, memory_pair
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.serve import WAITING_MAX, Server
from pumpbench.protocol.codes import Role
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.messages import Opened, ReadLink, ReadStatus, RunTo, Status
from tests.hil.pumps import START
from tests.support import require, wait_until


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def serving(speed: float | None) -> tuple[Server, MemoryLink, Clock]:
    clock = Clock()
    host, end = memory_pair()
    device = Device()
    server = Server(device, end, speed, clock)  # type: ignore[arg-type]
    return server, host, clock


def ticks_of(server: Server) -> int:
    return server.device.pump.plant.tick


@pytest.mark.parametrize(("speed", "ticks"), [(1, 20), (0.5, 10), (600, 12_000)])
def test_free_run_keeps_the_time_it_was_told_to(speed: float, ticks: int) -> None:
    server, _, clock = serving(speed)
    for _ in range(20):
        clock.now_s += 0.1
        server.once()
    assert abs(ticks_of(server) - ticks) <= 1


def test_late_ticks_run_late_and_are_counted() -> None:
    server, _, clock = serving(1)
    clock.now_s = 1.05
    server.once()
    assert ticks_of(server) == 10
    assert server.device.counters.late_tick_count == 9


def test_armed_device_runs_by_credits_alone() -> None:
    server, host, clock = serving(1)
    host.pump = server.once
    bench = Bench(Conversation(host))
    bench.identify()
    bench.arm()
    bench.reset_to_start(START)
    clock.now_s += 100
    server.once()
    assert bench.run_to(50).reached_tick == 50
    assert ticks_of(server) == 50
    bench.disarm()
    clock.now_s += 1.01
    server.once()
    assert ticks_of(server) == 60


def test_requests_wait_behind_a_credit_and_the_link_takes_no_more_than_it_should() -> None:
    server, host, _ = serving(1)
    host.pump = server.once
    bench = Bench(Conversation(host))
    bench.arm()
    bench.reset_to_start(START)
    host.pump = None
    host.write(host_frame(RunTo(target_tick=2**64 - 1, stop_mask=0), 0, 1_000, bench=True))
    server.once()
    for number in range(WAITING_MAX + 5):
        host.write(host_frame(ReadLink(), number, 1_001 + number, bench=True))
        server.once()
    assert server.device.waiting_count == WAITING_MAX
    assert host.read(0) == b""


def test_server_stops_in_the_middle_of_a_credit() -> None:
    server, host, _ = serving(1)
    host.pump = server.once
    bench = Bench(Conversation(host))
    bench.arm()
    host.pump = None
    host.write(host_frame(RunTo(target_tick=2**64 - 1, stop_mask=0), 0, 1_000, bench=True))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: ticks_of(server) > 0, "the credit to begin")
    server.stop()
    thread.join()
    assert server.device.busy


def test_server_answers_one_host_after_another_on_a_pty() -> None:
    require("pty")
    device = Device()
    assert device.pump.reset_to_start(START) is None
    with PtyLink() as pty:
        server = Server(device, pty, speed=50)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            statuses = [one_status(pty.slave_path) for _ in range(3)]
        finally:
            server.stop()
            thread.join()
    assert all(isinstance(status, Status) for status in statuses)
    assert statuses[0].life_ticks <= statuses[1].life_ticks <= statuses[2].life_ticks
    assert statuses[2].boot_count == 1


def one_status(path: str) -> Status:
    """What a host sees that opens, asks once and leaves."""
    with SerialLink(path) as link:
        programmer = Programmer(Conversation(link), START.serial)
        assert isinstance(programmer.open(Role.CLINICIAN), Opened)
        status: Status = programmer.request(ReadStatus())
        programmer.close()
        return status
