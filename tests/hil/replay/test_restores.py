"""A restore on record is played again: what the target makes of it, or refuses, is compared like any answer."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import Refusal
from pumpbench.hil.links import memory_pair
from pumpbench.hil.replay import ReplayResult, load, replay_on
from pumpbench.hil.rig.lockstep import identity_of
from pumpbench.hil.rig.recording import About, Recording
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.layout import layout_of
from tests.hil.pumps import START, PlantedPump, PlantedTarget, one_unit

DEFAULTS = {one.name: int(one.default or 0) for one in layout_of(Config).fields}
BACK_TICK = 100
END_TICK = 250


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Runs, is refused a state that no pump has, goes back to an earlier one and runs again."""
    device = Device()
    host, end = memory_pair()
    host.pump = lambda: end.write(device.receive(end.read(0)))
    recording = Recording(tmp_path / "back.pcapng", About())
    conversation = Conversation(recording.tapped(host))
    bench = Bench(conversation)
    bench.identify()
    recording.standing = lambda: (END_TICK, conversation.last_seq)
    recording.begin("board", "desk", {"target": identity_of(device)}, DEFAULTS, START)
    bench.arm()
    bench.reset_to_start(START)
    recording.snapshot(0, device.pump.snapshot())
    bench.run_to(BACK_TICK)
    snapshot = device.pump.snapshot()
    bench.run_to(200)
    with pytest.raises(Refusal):
        bench.restore(b"\xff" * len(snapshot))
    assert bench.restore(snapshot).reached_tick == BACK_TICK
    bench.run_to(END_TICK)
    recording.end("complete")
    return recording.path


def on(path: Path, pump: Pump) -> ReplayResult:
    with PlantedTarget(pump) as target:
        return replay_on(target, load(path))


def test_replay_goes_back_where_the_recorded_device_did(capture: Path) -> None:
    result = on(capture, Pump())
    assert (result.verdict, result.gaps, result.ticks) == (Verdict.PASS, (), END_TICK), result.reason


class CredulousPump(Pump):
    """The reference, but it never says that a state is none."""

    __slots__ = ()

    def restore(self, snapshot: bytes) -> None:
        try:
            super().restore(snapshot)
        except ValueError:
            return


def test_replay_fails_where_the_target_takes_a_state_that_was_refused(capture: Path) -> None:
    result = on(capture, CredulousPump())
    assert result.verdict is Verdict.FAIL, result.reason
    assert result.first_difference is not None
    assert result.first_difference.tick == 200


def test_replay_fails_where_the_target_goes_on_otherwise_after_a_restore(capture: Path) -> None:
    result = on(capture, PlantedPump(END_TICK, one_unit))
    assert result.verdict is Verdict.FAIL
    assert result.first_difference is not None
    assert result.first_difference.tick == END_TICK
