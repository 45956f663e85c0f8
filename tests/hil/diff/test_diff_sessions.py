"""Sessions of the field beside a target: a diff compares what a replay may judge, and says no more than that."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.diff import Diff, diff_with
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay import load
from pumpbench.hil.targets import open_target
from pumpbench.protocol.messages import Bolus, ReadStatus
from tests.hil.pumps import PlantedPump, PlantedTarget
from tests.hil.replay.test_sessions import ANCHORS, HARMLESS, doubles_the_clock, recorded


@pytest.fixture(scope="module")
def anchored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("sessions") / "anchored.pcapng", (*ANCHORS, *HARMLESS))


def beside(path: Path, pump: Pump | None = None, until_tick: int | None = None) -> Diff:
    with PlantedTarget(pump or Pump()) as target:
        return diff_with(load(path), target, "a", open_target, until_tick)


def test_anchored_session_is_the_same_in_what_was_read(anchored: Path) -> None:
    found = beside(anchored)
    assert (found.word, found.exit_code, found.causes, found.sureness) == ("same", 0, (), "anchored"), found.reason
    assert found.frames_compared > 20
    assert found.not_judged["Status.controller_crc"] > 0
    assert f"up to tick {load(anchored).last_tick}" in found.reason


def test_anchored_session_differs_in_a_field_that_was_read(anchored: Path) -> None:
    middle = load(anchored).requests[15].reply
    assert middle is not None
    at = middle.head[7]
    found = beside(anchored, PlantedPump(at, doubles_the_clock))
    assert (found.word, found.exit_code, found.is_short) == ("different", 1, False)
    (cause,) = found.causes
    assert cause.agreed_tick < at <= cause.first.tick
    assert "Status.clock_day_ticks is" in found.reason
    assert beside(anchored, PlantedPump(at, doubles_the_clock), at - 1).word == "same"


def test_session_whose_pump_acts_by_what_nobody_read_is_lossy(tmp_path: Path) -> None:
    def asks_much(programmer: Programmer) -> None:
        programmer.request(Bolus(dose_ng=700_000, volume_nl=1_400_000, duration_ticks=864_000))

    found = beside(recorded(tmp_path / "s.pcapng", ANCHORS, asks_much))
    assert (found.word, found.exit_code, found.causes) == ("lossy", 3, ())
    assert "what nobody read decides" in found.reason


def test_observed_session_is_lossy(tmp_path: Path) -> None:
    found = beside(recorded(tmp_path / "s.pcapng", (ReadStatus(), *HARMLESS)))
    assert (found.word, found.exit_code, found.sureness) == ("lossy", 3, "observed")
