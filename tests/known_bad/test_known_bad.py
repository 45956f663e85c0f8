"""Every known-bad build is caught by the check that is named for it, at the tick and the field that are stated."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.known_bad.builds import PatchFails, Workshop
from tests.known_bad.campaign import Outcome, outcomes
from tests.known_bad.judge import Job
from tests.known_bad.judge import judged as judged_by
from tests.known_bad.lanes import batched, begun, selected
from tests.known_bad.score import scored
from tests.known_bad.suite import CAPTURE, short_suite, suite
from tests.known_bad.table import FOLDER, Defect, read_table
from tests.support import EFFORT, ROOT, effort, require

DEFECTS = read_table()
DEFECTS_MIN = 40
BATCH = 8
"""Builds that one process judges: starting it costs more than most checks."""
CRASHES = """--- a/hil/board/pump/tick.c
+++ b/hil/board/pump/tick.c
@@ -253,3 +253,4 @@ void pb_tick(pb_pump_t *pump)
 {
     pb_plant_t *plant = &pump->plant;
+    __builtin_trap();
     pump->now = plant->tick + 1;
"""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    for tool in ("cc", "make", "git"):
        require(tool)
    return Workshop(tmp_path_factory.mktemp("known_bad"))


@pytest.fixture(scope="module")
def judged(workshop: Workshop, request: pytest.FixtureRequest) -> Iterator[dict[Defect, Future[dict[str, Outcome]]]]:
    """Of what was selected. In the soak each build meets the whole suite, to see how many checks catch it."""
    more = tuple(suite()) if EFFORT == "soak" else ()
    batches = batched(selected(request, "defect", DEFECTS), effort(BATCH, 1))
    with begun(batches, lambda batch: outcomes(workshop, batch, more)) as futures:
        yield futures


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_known_bad_build_is_caught_by_the_check_that_is_named(
    defect: Defect, judged: dict[Defect, Future[dict[str, Outcome]]]
) -> None:
    outcome = judged[defect].result()[defect.name]
    assert not outcome.problem, outcome.problem
    score = scored([defect], {defect.name: outcome.findings})
    print(score)
    assert score.passed, f"{defect.models}\n{score}"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_known_bad_build_fails_the_recording_that_is_named(
    defect: Defect, judged: dict[Defect, Future[dict[str, Outcome]]]
) -> None:
    outcome = judged[defect].result()[defect.name]
    assert not outcome.problem, outcome.problem
    found = outcome.findings.get(CAPTURE + defect.capture)
    print(f"{defect.name}: {defect.capture}, tick {defect.capture_tick}, {defect.capture_field}")
    assert defect.is_failed_by(found), f"{defect.models}\n{defect.capture_field} at {defect.capture_tick}; found {found}"


def test_good_build_passes_each_recording_that_is_named(workshop: Workshop) -> None:
    named = tuple(sorted({CAPTURE + defect.capture for defect in DEFECTS}))
    assert judged_by([Job(str(workshop.library), named)]) == [{}]


def test_suite_without_a_check_catches_nothing_and_fails(workshop: Workshop, tmp_path: Path) -> None:
    defect = DEFECTS[0]
    library = workshop.spoiled(renamed(defect.patch, tmp_path / "000_nobody_looks.patch"))
    (found,) = judged_by([Job(str(library), ())])
    score = scored(DEFECTS, {defect.name: found})
    assert not score.passed
    assert str(score).endswith(f"0 of {len(DEFECTS)} known-bad builds caught")
    assert not scored([], {}).passed


def test_patch_that_no_longer_applies_is_refused_by_name(workshop: Workshop, tmp_path: Path) -> None:
    patch = renamed(DEFECTS[0].patch, tmp_path / "999_gone.patch")
    patch.write_text(re.sub(r"^-(?!--).*$", "-    a line that is gone;", patch.read_text(), flags=re.MULTILINE))
    with pytest.raises(PatchFails, match="999_gone.patch: does not apply"):
        workshop.spoiled(patch)


def test_build_that_crashes_is_a_finding_and_takes_no_other_along(workshop: Workshop, tmp_path: Path) -> None:
    patch = renamed(DEFECTS[0].patch, tmp_path / "998_crashes.patch")
    patch.write_text(CRASHES)
    checks = ("timeline first_step",)
    crashed, good = judged_by([Job(str(workshop.spoiled(patch)), checks), Job(str(workshop.library), checks)])
    assert "ended with -" in crashed["process"].said
    assert good == {}


def test_good_build_passes_the_suite_again_and_again(workshop: Workshop) -> None:
    named = {defect.caught_by for defect in DEFECTS}
    checks = tuple(suite()) if EFFORT == "soak" else tuple(sorted({*short_suite(), *named}))
    times = effort(5, 50)
    for number in range(1, times + 1):
        assert judged_by([Job(str(workshop.library), checks)]) == [{}], f"time {number} of {times}"
    print(f"{len(checks)} checks, {times} times")


def test_table_names_each_patch_once_and_checks_and_recordings_that_there_are() -> None:
    assert [defect.patch for defect in DEFECTS] == sorted(FOLDER.glob("*.patch"))
    assert len(DEFECTS) >= DEFECTS_MIN
    assert {name for defect in DEFECTS for name in (defect.caught_by, CAPTURE + defect.capture)} <= set(suite())


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_known_bad_build_cites_sections_and_sources_that_exist(defect: Defect) -> None:
    sections = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", (ROOT / "firmware_emu/SEMANTICS.md").read_text(), re.MULTILINE))
    sources = set(re.findall(r"^\| ([A-Z]\d\d) \|", (ROOT / "firmware_emu/SOURCES.md").read_text(), re.MULTILINE))
    assert defect.models
    assert defect.sections
    assert set(defect.sections) <= sections
    assert set(defect.sources) <= sources


def renamed(patch: Path, to: Path) -> Path:
    shutil.copy(patch, to)
    return to
