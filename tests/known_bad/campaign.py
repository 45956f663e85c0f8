"""Knows how known-bad builds are made and judged; it says nothing of what was expected."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.known_bad.builds import PatchFails, Workshop
from tests.known_bad.judge import Findings, Job, judged
from tests.known_bad.suite import CAPTURE
from tests.known_bad.table import Defect


class Outcome(NamedTuple):
    """What was found of one build; `problem`: why there is none."""

    findings: Findings
    problem: str = ""


def outcomes(workshop: Workshop, defects: Sequence[Defect], more: Sequence[str] = ()) -> dict[str, Outcome]:
    """By name of the defect: each built from its patch, judged by its own check and recording and by `more`, in one process."""
    made: dict[Defect, Path] = {}
    failed: dict[str, Outcome] = {}
    for defect in defects:
        try:
            made[defect] = workshop.spoiled(defect.patch)
        except (PatchFails, ValueError) as problem:
            failed[defect.name] = Outcome({}, str(problem))
    jobs = [Job(str(path), _checks(defect, more)) for defect, path in made.items()]
    found = judged(jobs) if jobs else []
    return {**failed, **{defect.name: Outcome(one) for defect, one in zip(made, found, strict=True)}}


def _checks(defect: Defect, more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((defect.caught_by, CAPTURE + defect.capture, *more)))
