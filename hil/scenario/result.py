"""Knows what a scenario's run came to, as data; it must not print it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pumpbench.hil.scenario.check import Check, Outcome
from pumpbench.hil.verdict import Verdict


class AlarmSeen(NamedTuple):
    """An alarm by its number, when it was raised, and when it cleared (None: it still stood at the end)."""

    alarm: int
    raised_tick: int
    cleared_tick: int | None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """`diverged`: the rig's two sides differed and the run ended there; the rig's own result has the finding."""

    title: str
    source: str
    seed: int
    until_tick: int
    reached_tick: int
    checks: tuple[Check, ...]
    alarms: tuple[AlarmSeen, ...]
    steps_done: int
    refusals: int
    event_count: int
    diverged: bool

    def of(self, outcome: Outcome) -> list[Check]:
        return [check for check in self.checks if check.outcome is outcome]

    @property
    def verdict(self) -> Verdict:
        """Of the expectations alone: fail if one was missed, inconclusive if none could be judged."""
        if self.of(Outcome.MISSED):
            return Verdict.FAIL
        return Verdict.PASS if self.of(Outcome.MET) else Verdict.INCONCLUSIVE

    @property
    def reason(self) -> str:
        """The verdict in one line."""
        missed = self.of(Outcome.MISSED)
        if missed:
            first = f" ({self.source}:{missed[0].line})" if missed[0].line else ""
            return f"{len(missed)} of {len(self.checks)} checks missed; first{first}: {missed[0]}"
        left = len(self.of(Outcome.NOT_REACHED))
        return f"{len(self.of(Outcome.MET))} checks met" + (f", {left} not reached" if left else "")
