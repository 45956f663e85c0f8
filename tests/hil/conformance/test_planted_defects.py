"""A suite that lets a defect pass is worth nothing: each planted one must be caught by the check that is named for it."""

import pytest

from pumpbench.hil.conformance import Conformance, Result, judged, select
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.messages import Record
from tests.hil.conformance.defects import DEFECTS, Defect, SpoiltTarget, TornTarget
from tests.hil.pumps import PlantedPump, PlantedTarget, one_unit

PLANT_TICK = 300_000


def results_of(target: Target, *globs: str) -> list[Result]:
    with target:
        return list(Conformance(target).run(select(*globs)))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_planted_defect_is_caught_by_its_check(defect: Defect) -> None:
    (found,) = results_of(defect.make(), defect.caught_by)
    assert (found.verdict, found.field) == (Verdict.FAIL, defect.field), found.reason
    assert defect.tick in (None, found.tick), found.reason
    assert found.got != found.expected


@pytest.mark.parametrize("check_id", sorted({defect.caught_by for defect in DEFECTS}))
def test_check_that_catches_a_defect_passes_without_it(check_id: str) -> None:
    (found,) = results_of(EmulatorTarget(), check_id)
    assert found.verdict is Verdict.PASS, found.reason


def test_one_unit_too_many_is_named_with_its_tick_by_the_reference() -> None:
    (found,) = results_of(PlantedTarget(PlantedPump(PLANT_TICK, one_unit)), "reference.a-week*")
    assert found.verdict is Verdict.FAIL
    assert found.tick == PLANT_TICK, found.reason


def test_frames_that_were_lost_make_a_difference_inconclusive() -> None:
    lossy = SpoiltTarget(said=lambda message: [] if isinstance(message, Record) else [message])
    (found,) = results_of(lossy, "identify.serial-is-the-records")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "the link lost" in found.reason


def test_first_failure_of_the_rig_is_kept_and_repeated() -> None:
    found = results_of(TornTarget(), "session.retry-repeats*", "session.silence*", "alarm.*")
    assert [one.verdict for one in found[:2]] == [Verdict.PASS, Verdict.ERROR]
    assert "the cable was pulled" in found[1].reason
    later = [one for one in found[2:] if one.verdict is not None]
    assert later
    assert all(one.verdict is Verdict.ERROR and "session.silence-ends-it broke the bench" in one.reason for one in later)
    assert judged(found)[0] is Verdict.ERROR


def test_firmware_that_crashes_is_a_failure_of_its_own() -> None:
    found = results_of(TornTarget("the firmware ended itself by SIGSEGV"), "session.silence*", "session.timeout*")
    assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.ERROR]
    assert "SIGSEGV" in found[0].reason
    assert judged(found)[0] is Verdict.FAIL
