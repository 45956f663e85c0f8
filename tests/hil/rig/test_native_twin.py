"""The twin against the host-built firmware: agreement over days, and a planted unit found at its exact tick."""

from pathlib import Path

import pytest

from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.rig import Diverged, TwinRig, open_rig
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Fault, Role
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import PatientBolus, Started, Subscribe
from tests.hil.planted import PLANT_TICK, planted_firmware
from tests.hil.pumps import PATIENT, START, treat
from tests.hil.replay.recordings import record
from tests.support import SEED, effort, require

LAST_TICK = 60_000


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    require("cc")
    require("make")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_firmware(tmp_path_factory.mktemp("planted"))


def test_firmware_and_reference_agree_over_days_of_therapy() -> None:
    with open_rig("native", "twin", seed=SEED) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        for day in range(1, effort(5, 90)):
            rig.run_to(day * TICKS_PER_DAY)
            assert isinstance(rig.therapy(PatientBolus(), role=Role.PATIENT), Started)
            rig.inject(Fault.FIELD, 1, 600)
            rig.run_to(rig.tick + 36_000)
            rig.inject(Fault.FIELD, 0)
        rig.therapy(Subscribe(period_ticks=100), role=Role.CLINICIAN)
        rig.run_to(rig.tick + 5_000)
        result = rig.finish()
    assert result.judged[0] is Verdict.PASS, result.judged[1]
    assert result.dense_ticks == result.ticks
    assert result.effects_compared == len(rig.events)


@pytest.mark.parametrize("at", [1, 2, 777, 40_000, LAST_TICK])
def test_unit_planted_in_the_firmware_is_found_at_its_tick(at: int, planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLANT_TICK, str(at))
    with TwinRig(NativeTarget(planted), SEED) as rig:
        rig.start({}, START)
        with pytest.raises(Diverged):
            rig.run_to(LAST_TICK)
        result = rig.finish()
    found = result.divergence
    assert result.verdict is Verdict.FAIL
    assert found.place == (at, None)
    assert found.moments == (f"tick {at - 1}", f"tick {at}", f"tick {at + 1}")
    (field,) = found.fields
    assert (field.name, field.unit) == ("durable.acc_q", "q")
    assert [one - other for one, other in zip(field.theirs, field.ours, strict=True)] == [0, 1, 1]


def test_recording_of_the_emulator_replays_on_the_firmware(tmp_path: Path) -> None:
    path = tmp_path / "emulator.pcapng"
    record(path, EmulatorTarget())
    with NativeTarget() as target:
        result = replay_on(target, load(path))
    assert (result.verdict, result.gaps) == (Verdict.PASS, ()), result.reason


def test_recording_of_the_firmware_replays_on_the_emulator(tmp_path: Path) -> None:
    path = tmp_path / "native.pcapng"
    record(path, NativeTarget())
    with EmulatorTarget() as target:
        result = replay_on(target, load(path))
    assert (result.verdict, result.gaps) == (Verdict.PASS, ()), result.reason
