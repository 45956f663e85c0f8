"""A controller whose plant was its bench's, beside a whole pump: they are the same but for what that controller cannot know."""

from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.diff import Diff, diff_of, diff_with
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rig import About, BaseRig, ControllerRig, LocalRig
from pumpbench.hil.rig.recording import Recording
from pumpbench.hil.targets import open_target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Fault, Role
from pumpbench.protocol.messages import Bolus, ReadStatus
from tests.hil.pumps import PATIENT, START, PlantedPump, PlantedTarget, one_unit, treat

FIELD_TICK = 2_000


def mishap(rig: BaseRig, arguments: tuple[int, int] = (1, 300)) -> None:
    with rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        rig.therapy(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), role=Role.CLINICIAN)
        rig.run_to(FIELD_TICK)
        rig.inject(Fault.FIELD, *arguments)
        rig.run_to(4_000)
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.run_to(6_000)
        rig.finish()


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    path = tmp_path_factory.mktemp("plants") / "controller.pcapng"
    mishap(ControllerRig(EmulatorTarget(), 1, Recording(path, About())))
    return load(path)


def whole(path: Path, arguments: tuple[int, int] = (1, 300)) -> Recorded:
    mishap(LocalRig(EmulatorTarget(), 1, Recording(path, About())), arguments)
    return load(path)


def is_same(found: Diff) -> bool:
    return (found.word, found.exit_code, found.causes) == ("same", 0, ()) and found.not_judged.get("Report.plant_crc", 0) > 0


def test_controller_alone_is_the_same_as_a_whole_pump_but_for_the_plant(controller: Recorded, tmp_path: Path) -> None:
    other = whole(tmp_path / "whole.pcapng")
    there, back = diff_of(controller, other, ("a", "b")), diff_of(other, controller, ("a", "b"))
    assert is_same(there), there.reason
    assert is_same(back), back.reason
    assert (there.plantless, back.plantless) == ("A", "B")
    assert there.told_compared == sum(not one.bench for one in controller.requests) + 1
    with open_target("emulator") as target:
        played = diff_with(controller, target, "a", open_target)
    assert is_same(played), played.reason


def test_fault_of_a_bench_that_holds_the_plant_is_told_as_any_other(controller: Recorded, tmp_path: Path) -> None:
    found = diff_of(controller, whole(tmp_path / "other.pcapng", (1, 299)), ("a", "b"))
    (cause,) = found.causes
    assert (cause.first.side, cause.first.message, cause.first.tick) == ("told", "inject field", FIELD_TICK)
    assert [(one.field, one.theirs, one.ours) for one in cause.first.differences] == [("arg_1", 300, 299)]


def test_controller_that_errs_differs_also_where_its_plant_is_not_judged(controller: Recorded) -> None:
    with PlantedTarget(PlantedPump(3_000, one_unit)) as target:
        found = diff_with(controller, target, "a", open_target)
    assert (found.word, found.exit_code) == ("different", 1)
    cause = found.causes[0]
    assert cause.agreed_tick < 3_000 <= cause.first.tick
    assert cause.first.differences[0].field == "controller_crc"


def test_plant_digest_of_a_controller_that_has_none_is_judged_where_it_tells_one(tmp_path: Path) -> None:
    mishap(ControllerRig(EmulatorTarget(), 1, Recording(tmp_path / "controller.pcapng", About())))
    damaged, other = load(tmp_path / "controller.pcapng"), whole(tmp_path / "whole.pcapng")
    for request in damaged.requests:
        reply = request.reply
        if reply is not None and request.name == "RunTo":
            message: Any = reply.message
            request.reply = reply._replace(message=message._replace(plant_crc=1))
    assert diff_of(damaged, other, ("a", "b")).causes[0].first.differences[0].field == "plant_crc"
