"""Knows how one judgement on a run is kept: what was expected, what was seen, and where the scenario says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """`not_reached`: the run ended before it could be judged."""

    MET = "met"
    MISSED = "missed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Check:
    """`line` is the scenario's own, 0 where the rule holds for every scenario. `tick`: where a miss shows, None elsewhere."""

    line: int
    what: str
    expected: str
    seen: str
    outcome: Outcome
    tick: int | None = None

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}; seen {self.seen}"


def check(line: int, what: str, expected: str, seen: str, met: bool, tick: int | None = None) -> Check:
    """A check that could be judged."""
    return Check(line, what, expected, seen, Outcome.MET if met else Outcome.MISSED, None if met else tick)
