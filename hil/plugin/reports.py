"""Turns what became of a pump test into pytest's report: failure, error or inconclusive, with its evidence; it runs nothing."""

from __future__ import annotations

import os
from typing import Final

import pytest

from pumpbench.hil.plugin.evidence import facts_of, text_of
from pumpbench.hil.plugin.outcomes import BenchBroken, Inconclusive, PumpFailed, verdict_of
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.verdict import Verdict

SECTION: Final = "pump"
PREFIX: Final = "pump_"
"""Of each property that a JUnit file gets."""
OF_A_PASS: Final = ("target", "topology", "seed", "capture")
MEANS: Final = {Verdict.ERROR: ": the bench broke, which says nothing about the pump"}
PHASES: Final = ("setup", "call")


def telling(run: Run, problem: Exception) -> BaseException:
    """What to raise where no line of the test is to blame: pytest then shows the message alone."""
    run.told, run.telling = problem, pytest.fail.Exception(str(problem), pytrace=False)
    return run.telling


def amend(run: Run, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, counts_as: str) -> None:
    """Changes `report` in place. No mark of the test (xfail) may hide that its bench broke."""
    if call.when not in PHASES or (call.excinfo is None and call.when == "setup"):
        return
    problem = _problem(run, call)
    verdict = verdict_of(problem)
    if call.when == "setup" and verdict is Verdict.FAIL and not isinstance(problem, PumpFailed):
        return  # one of the test's own fixtures: pytest says it well
    if verdict is Verdict.ERROR:
        _as_error(report)
    elif isinstance(problem, Inconclusive):
        _as_inconclusive(report, problem, counts_as, item)
    elif call.when == "setup":
        report.when = "call"  # a pump that is wrong from its first tick is still a failure
    _attach(run, item, report, verdict)


def _problem(run: Run, call: pytest.CallInfo[None]) -> BaseException | None:
    """Of a broken bench nothing else counts: whatever the test saw after it is worth nothing."""
    if isinstance(run.first_problem, BenchBroken):
        return run.first_problem
    if call.excinfo is None or isinstance(call.excinfo.value, pytest.skip.Exception):
        return None
    return run.told if call.excinfo.value is run.telling else call.excinfo.value


def _as_error(report: pytest.TestReport) -> None:
    """What fails in any phase but the call is an error to every reporter there is."""
    _unmark(report)
    report.outcome, report.when = "failed", "setup"


def _as_inconclusive(report: pytest.TestReport, problem: Inconclusive, counts_as: str, item: pytest.Item) -> None:
    _unmark(report)
    report.outcome, report.when = "failed", "call"
    # A report takes more than pytest declares, and xdist carries it.
    report.__dict__["pump_inconclusive"] = str(problem)
    if counts_as == "skip":
        report.outcome = "skipped"
        report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"inconclusive: {problem}")


def _unmark(report: pytest.TestReport) -> None:
    report.__dict__.pop("wasxfail", None)


def _attach(run: Run, item: pytest.Item, report: pytest.TestReport, verdict: Verdict) -> None:
    facts = list(facts_of(run, _typed(item)))
    fine = verdict is Verdict.PASS and not report.failed
    word = str(verdict) if not report.skipped or verdict is Verdict.INCONCLUSIVE else report.outcome
    kept = [(name, text) for name, text in facts if not fine or name in OF_A_PASS]
    properties = [(PREFIX + name, text) for name, text in [("verdict", word), *kept]]
    item.user_properties.extend(properties)
    report.user_properties.extend(properties)
    if not fine:
        report.sections.append((SECTION, text_of([("verdict", word + MEANS.get(verdict, "")), *facts])))


def _typed(item: pytest.Item) -> str:
    """The test as it is named from the folder that pytest was called in."""
    file, _, rest = item.nodeid.partition("::")
    return f"{os.path.relpath(item.config.rootpath / file, item.config.invocation_params.dir)}::{rest}"
