"""What ends under a rig in mid-run, at drawn instants: the run ends too, soon, and by a name that says what ended."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import LinkError, LinkLost, PtyLink, ReconnectingLink
from pumpbench.hil.rig import BaseRig, TwinRig, open_rig
from pumpbench.hil.serve import Server
from pumpbench.hil.targets import Access, Target
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.targets.port import PortTarget
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.limits import TICKS_PER_DAY
from tests.hil.pumps import START, treat
from tests.support import SEED, effort, require, rng, wait_until

LAST_TICK = 4_000 * TICKS_PER_DAY
KILLED = {
    "native": "/dev/pts/[0-9]+: (the device hung up|the other end closed)",
    "qemu:mps2-an385": "qemu:mps2-an385: QEMU ended by SIGKILL; start it anew",
}


def pid_of(target: Target) -> int:
    if isinstance(target, QemuTarget):
        return target.machine.pid
    assert isinstance(target, NativeTarget)
    return target.pid


@contextmanager
def at_tick(rig: BaseRig, tick: int, act: Callable[[], None]) -> Iterator[None]:
    """Acts from another thread once the rig is past `tick`, wherever the run stands just then: mostly within a credit."""

    def watch() -> None:
        wait_until(lambda: rig.tick >= tick, f"tick {tick}")
        act()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        watcher.join()


@pytest.mark.parametrize("draw", range(effort(3, 30)))
@pytest.mark.parametrize("name", KILLED)
def test_run_ends_by_name_when_its_target_is_killed(name: str, draw: int) -> None:
    for need in ("cc", "make") if name == "native" else ("arm", "qemu"):
        require(need)
    with open_rig(name, "twin", seed=SEED) as rig:
        rig.start({}, START)
        treat(rig)
        tick = rng(f"killed {name} {draw}").randrange(200, 2 * TICKS_PER_DAY)
        with (
            at_tick(rig, tick, lambda: os.kill(pid_of(rig.target), signal.SIGKILL)),
            pytest.raises(LinkLost, match=KILLED[name]) as first,
        ):
            rig.run_to(LAST_TICK)
        assert tick <= rig.tick < LAST_TICK
        with pytest.raises(LinkLost) as later:
            rig.run_to(LAST_TICK)
        assert later.value is first.value


@contextmanager
def served() -> Iterator[PtyLink]:
    """A pty behind which a pump lives."""
    require("pty")
    link = PtyLink()
    server = Server(Device(), link, speed=1)
    thread = threading.Thread(target=lambda: _until_closed(server), daemon=True)
    thread.start()
    try:
        yield link
    finally:
        server.stop()
        link.close()
        thread.join()


def _until_closed(server: Server) -> None:
    # Its own link is pulled from under it, which is the point.
    with contextlib.suppress(LinkError):
        server.run()


@pytest.mark.parametrize("draw", range(effort(3, 30)))
def test_run_ends_by_name_when_its_pty_is_unplugged(draw: int) -> None:
    with served() as device, TwinRig(PortTarget(device.slave_path, Access(reconnect=False)), SEED) as rig:
        rig.start({}, START)
        tick = rng(f"unplugged {draw}").randrange(1, TICKS_PER_DAY)
        with at_tick(rig, tick, device.close), pytest.raises(LinkLost, match=device.slave_path):
            rig.run_to(LAST_TICK)
        assert tick <= rig.tick < LAST_TICK


def test_run_ends_by_name_when_the_serial_link_does_not_come_back(tmp_path: Path) -> None:
    with served() as device:
        target = PortTarget(device.slave_path)
        assert isinstance(target.link, ReconnectingLink)
        target.link._patience_s = 0.2
        with TwinRig(target, SEED) as rig:
            rig.start({}, START)
            with at_tick(rig, 1_000, device.close), pytest.raises(LinkLost, match="it went away and was not back in 0.2 s"):
                rig.run_to(LAST_TICK)
            assert rig.tick < LAST_TICK
