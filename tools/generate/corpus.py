"""Knows how to add cases to the corpus of golden frames; it must not change a case that stands.

A case is reviewed by a person once and from then on judges every implementation, so that a slip in a declaration is seen.
`python -m pumpbench.tools.generate.corpus` adds what is missing; a case whose message changed is deleted by hand first.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import facts
from .corpus_case import Case, good_case
from .corpus_faults import fault_cases

CORPUS = Path(__file__).resolve().parents[2] / "fixtures" / "corpus" / "frames.json"


def cases() -> Iterator[Case]:
    """Every case the corpus should have, in its order."""
    for layout in facts.messages():
        for how in ("rising bytes", "zeros", "largest"):
            if how == "rising bytes" or layout.fields or layout.tail:
                yield good_case(layout, how)
    yield from fault_cases()


def add_missing(path: Path = CORPUS) -> list[str]:
    """Names of the cases that were added."""
    corpus: dict[str, Any] = json.loads(path.read_text())
    known = {one["name"] for one in corpus["cases"]}
    added = [one for one in cases() if one["name"] not in known]
    corpus["cases"] += added
    path.write_text(_lines(corpus))
    return [one["name"] for one in added]


def _lines(corpus: dict[str, Any]) -> str:
    """One case a line, so that a change of one is a change of one line."""
    rows = ",\n".join(json.dumps(one) for one in corpus["cases"])
    return f'{{"origin": {json.dumps(corpus["origin"])},\n"cases": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    for name in add_missing():
        print(f"added, to be reviewed: {name}", file=sys.stderr)
