"""Prints the table of known-bad builds: `python -m tests.known_bad [part of a name ...]`; exit code 1 where one is missed."""

import sys
import tempfile
from pathlib import Path

from tests.known_bad.builds import Workshop
from tests.known_bad.campaign import outcomes
from tests.known_bad.score import scored
from tests.known_bad.suite import CAPTURE
from tests.known_bad.table import read_table


def main(parts: list[str]) -> int:
    defects = [one for one in read_table() if not parts or any(part in one.name for part in parts)]
    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(Workshop(Path(folder)), defects)
    for name, outcome in found.items():
        if outcome.problem:
            print(f"{name}: {outcome.problem}")
    score = scored(defects, {name: outcome.findings for name, outcome in found.items()})
    print(score)
    failed = [one for one in defects if one.is_failed_by(found[one.name].findings.get(CAPTURE + one.capture))]
    print(f"{len(failed)} of {len(defects)} known-bad builds fail the recording that is named")
    return 0 if score.passed and len(failed) == len(defects) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
