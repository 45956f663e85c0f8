"""The link cut at every byte of a bolus and an update in free run: old program or new, no silent stop, no second dose."""

import select
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pumpbench.hil import child
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.firmware import PROCESS, built
from pumpbench.hil.links import Link, SerialLink, memory_pair
from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan, await_update
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import ReadStatus
from tests.hil.pumps import SIMPLE, START
from tests.hil.wire.cut_update import Point, check_cut, frame_lengths, points, settled, tell
from tests.support import effort, require, rng

TICKS_PER_LOOK = 40
SPEED = 1_000
AT_ONCE = 8


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    require("cc")
    require("make")
    return NativeLibrary()


@pytest.fixture(scope="module")
def treated(library: NativeLibrary) -> bytes:
    """The state of a pump whose program flows and whose programmer has gone."""
    device = library.device()
    bench = Bench(Conversation(free_running(device, ticks=0)))
    bench.arm()
    bench.reset_to_start(START)
    programmer = Programmer(bench.conversation, START.serial)
    programmer.open(Role.CLINICIAN)
    assert programmer.program(Plan(SIMPLE, confirm_second=True)).committed
    tick = 0

    def advance(ticks: int) -> None:
        nonlocal tick
        tick = bench.run_to(tick + ticks).reached_tick

    assert await_update(programmer.request, advance) is not None
    programmer.close()
    return bench.read_snapshot()


def free_running(device: NativeDevice, ticks: int = TICKS_PER_LOOK) -> Link:
    """A link to a device in this process by whose clock some ticks pass before each look at the link."""
    host, end = memory_pair()

    def work() -> None:
        if ticks:
            end.write(device.advance(ticks))
        end.write(device.receive(end.read(0)))

    host.pump = work
    return host


def restored(library: NativeLibrary, snapshot: bytes) -> Link:
    link = free_running(library.device())
    bring_to(link, snapshot)
    return link


def bring_to(link: Link, snapshot: bytes) -> None:
    """The pump behind the link to that state, from which it runs by itself; who it is stands beside its state."""
    bench = Bench(Conversation(link))
    bench.arm()
    bench.reset_to_start(START)
    bench.restore(snapshot)
    bench.disarm()


def crcs_of(library: NativeLibrary, snapshot: bytes) -> tuple[int, int]:
    """Of the program that flows, and of the one that the story commits."""
    link = restored(library, snapshot)
    programmer = Programmer(Conversation(link), START.serial)
    programmer.open(Role.CLINICIAN)
    old = programmer.request(ReadStatus()).program_crc
    programmer.close()
    told = tell(programmer)
    assert told.change.committed
    return old, settled(programmer, lambda: None).program_crc


def test_update_cut_at_every_byte_leaves_a_program_and_one_dose(library: NativeLibrary, treated: bytes) -> None:
    crcs, every = crcs_of(library, treated), points(frame_lengths(restored(library, treated)))
    assert crcs[0] != crcs[1]
    ends = {check_cut(restored(library, treated), point, crcs, lambda: None) for point in every}
    assert ends == {(crcs[0], 0), (crcs[0], 1), (crcs[1], 1)}, "each end that can be was met"
    print(f"{len(every)} points of the link cut in free run, library")
    assert len(every) == len(set(every)) > 500


@contextmanager
def process(snapshot: bytes) -> Iterator[Link]:
    """The program on its pty in that state, running by its own clock at `SPEED`."""
    running = child.start([str(built(PROCESS)), "--speed", str(SPEED)], stdout=subprocess.PIPE)
    try:
        assert running.stdout is not None
        assert select.select([running.stdout], [], [], 30)[0], "the program did not name its port"
        with SerialLink(running.stdout.readline().decode().strip()) as link:
            bring_to(link, snapshot)
            yield link
    finally:
        child.end(running)


def test_update_cut_on_a_real_port_leaves_a_program_and_one_dose(library: NativeLibrary, treated: bytes) -> None:
    crcs, every = crcs_of(library, treated), points(frame_lengths(restored(library, treated)))
    chosen = rng("cuts on a port").sample(every, effort(40, len(every)))

    def check(point: Point) -> None:
        with process(treated) as link:
            # A look at the port that brings nothing is how the bench lets the pump's own time pass.
            check_cut(link, point, crcs, lambda: None if link.read(0.02) else None)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = len(list(pool.map(check, chosen)))
    print(f"{done} of {len(every)} points of the link cut in free run, process on a pty")
    assert done == len(chosen)
