"""What `fixtures/requirements.toml` names exists, and passed in this very session; in part of the suite, what of it was run."""

from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import cast

import pytest

from pumpbench.tools.requirements import Evidence, Requirement, RequirementError, requirements
from tests.requirements.evidence import exists, nodes_of
from tests.requirements.outcomes import OTHERS_S, OUTCOMES, Outcomes, TellingOutcomes, ToldOutcomes
from tests.support import REQUIRED

ALL = requirements()
ROW = '[[requirement]]\nnumber = 1\narea = "a"\ntext = "t"\nsources = []\n'


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Outcomes:
    """Of every test but those of this folder."""
    kept = request.config.stash[OUTCOMES]
    if isinstance(kept, ToldOutcomes):
        kept.await_others()
    return kept


@pytest.mark.timeout(OTHERS_S + 60)
@pytest.mark.parametrize("requirement", ALL, ids=lambda one: f"{one.number}")
def test_requirement_is_shown_by_what_passed_in_this_session(requirement: Requirement, outcomes: Outcomes) -> None:
    wrong = [f"{one.kind}:{one.name}: {problem}" for one in requirement.by if (problem := problem_of(one, outcomes))]
    assert not wrong, "\n".join(wrong)


def problem_of(evidence: Evidence, outcomes: Outcomes) -> str:
    """Why it shows nothing; "" where it does, or where this part of the suite leaves it out."""
    if not exists(evidence):
        return "there is none of that name"
    tests = nodes_of(evidence, outcomes.collected)
    ended = {outcomes.by_id.get(test, "not run") for test in tests}
    if not tests:
        return "no test of it was collected, though the whole suite was" if outcomes.whole else ""
    allowed = {"passed"} if REQUIRED else {"passed", "skipped"}
    return "" if ended <= allowed else f"its tests ended as {', '.join(sorted(ended))}"


def test_requirements_are_the_forty_of_which_each_says_where_it_comes_from() -> None:
    assert [one.number for one in ALL] == list(range(1, 41))
    assert all(one.sources for one in ALL)
    assert {one.number for one in ALL if one.transferred} == {1, 3, 5, 7, 8, 11, 26, 29, 39, 40}


def session(collected: dict[str, str], whole: bool) -> Outcomes:
    made = Outcomes()
    made.collected, made.by_id, made.whole = list(collected), dict(collected), whole
    return made


SCENARIO = Evidence("scenario", "default")
NODE = "tests/hil/scenario/test_shipped.py::test_shipped_scenario_passes_when_run_on_the_emulator[default]"


@pytest.mark.parametrize(
    ("evidence", "ended", "whole", "found"),
    [
        (SCENARIO, {NODE: "passed"}, True, ""),
        (SCENARIO, {NODE: "failed"}, False, "its tests ended as failed"),
        (SCENARIO, {}, False, ""),
        (SCENARIO, {}, True, "no test of it was collected, though the whole suite was"),
        (Evidence("scenario", "no_such"), {}, False, "there is none of that name"),
        (Evidence("check", "no.such"), {}, False, "there is none of that name"),
        (Evidence("test", "tests/support.py::no_such"), {}, False, "there is none of that name"),
        (Evidence("test", "tests/hil/scenario/test_shipped.py"), {NODE: "failed"}, False, "its tests ended as failed"),
    ],
)
def test_evidence_is_judged_by_how_its_tests_ended(evidence: Evidence, ended: dict[str, str], whole: bool, found: str) -> None:
    assert problem_of(evidence, session(ended, whole)) == found


def test_evidence_that_was_collected_but_never_ran_shows_nothing() -> None:
    made = session({NODE: "passed"}, whole=True)
    made.by_id.clear()
    assert problem_of(SCENARIO, made) == "its tests ended as not run"


def test_worker_waits_for_the_tests_of_the_others_and_hears_how_each_ended(tmp_path: Path) -> None:
    told, telling = ToldOutcomes(tmp_path / "outcomes"), TellingOutcomes(tmp_path / "outcomes")
    told.collected = ["tests/x.py::one", "tests/x.py::two", "tests/requirements/test_requirements.py::this"]
    teller = Thread(target=_tell, args=(telling,))
    teller.start()
    told.await_others()
    teller.join()
    assert told.by_id == {"tests/x.py::one": "passed", "tests/x.py::two": "failed"}


def _tell(telling: TellingOutcomes) -> None:
    """A test whose call passed fails when its teardown does."""
    for test, ends in {"one": ("passed", "passed", "passed"), "two": ("passed", "passed", "failed")}.items():
        for when, outcome in zip(("setup", "call", "teardown"), ends, strict=True):
            report = SimpleNamespace(nodeid=f"tests/x.py::{test}", outcome=outcome, when=when)
            telling.pytest_runtest_logreport(cast(pytest.TestReport, report))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[requirement]]"),
        (ROW.replace("1", "2") + 'status = "planned"', "number 2 where 1 was expected"),
        (ROW + 'status = "done"', "requirement 1: status 'done'; expected one of shown"),
        (ROW + 'status = "shown"', "requirement 1: shown by nothing"),
        (ROW + 'status = "out"', "requirement 1: no remark"),
        (ROW + 'status = "planned"\nwhen = 1', "requirement 1: unknown 'when'"),
        (ROW + 'status = "shown"\nby = ["film:x"]', "by 'film:x'; expected scenario"),
    ],
    ids=["empty", "number", "status", "shown by nothing", "out without reason", "unknown key", "unknown kind"],
)
def test_list_is_refused_in_one_line_when_it_is_written_wrongly(text: str, said: str) -> None:
    with pytest.raises(RequirementError) as caught:
        requirements(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
