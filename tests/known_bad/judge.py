"""Knows how builds are judged in a process of their own, so that one that crashes or hangs takes nothing else along."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pumpbench.hil.native import NativeLibrary
from tests.known_bad.finding import Finding
from tests.known_bad.suite import suite
from tests.support import ROOT

TIMEOUT_S: Final = 600
Findings = dict[str, Finding]
"""By the name of the check; what passed is not in it."""


class Job(NamedTuple):
    """A library and the checks that are to judge it."""

    library: str
    checks: tuple[str, ...]


def findings(job: Job) -> Findings:
    """In this process. Raises KeyError for a check that there is not."""
    library, known = NativeLibrary(Path(job.library)), suite()
    found = {name: known[name].judge(library) for name in job.checks}
    return {name: one for name, one in found.items() if one is not None}


def judged(jobs: Sequence[Job]) -> list[Findings]:
    """In one process for all. Where that ends badly each goes alone, and ending badly is a finding of the check `process`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.known_bad.judge"], input=json.dumps(jobs), cwd=ROOT, capture_output=True, text=True,
            check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
        why = f"ended with {done.returncode}: {done.stderr.strip()[-400:]}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        why = f"still running after {TIMEOUT_S} s"
    if not why:
        return [_read(one) for one in json.loads(done.stdout)]
    if len(jobs) > 1:
        return [judged([job])[0] for job in jobs]
    return [{"process": Finding(0, ("process",), why)}]


def _read(found: dict[str, list[object]]) -> Findings:
    return {name: Finding(tick, tuple(fields), said) for name, (tick, fields, said) in found.items()}  # type: ignore[arg-type]


def main(jobs: Iterable[Sequence[object]]) -> None:
    """Prints what each job found, in order."""
    print(json.dumps([findings(Job(str(library), tuple(checks))) for library, checks in jobs]))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(json.load(sys.stdin))
