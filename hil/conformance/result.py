"""Knows what became of a check, and of all of them together; it must not print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pumpbench.hil.conformance.check import Check
from pumpbench.hil.verdict import Verdict, combined

LEFT_OUT = "left out"


class Unmet(Exception):
    """The device does not keep the fact: `field` is `got` where `expected` was; `tick`: the last one it told of."""

    def __init__(self, field: str, got: Any, expected: Any, tick: int) -> None:
        super().__init__(f"tick {tick}: {field} is {got}, expected {expected}")
        self.field, self.got, self.expected, self.tick = field, got, expected, tick


class Undecided(Exception):
    """The check could not be judged on this device; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """`verdict` None: left out, `reason` says why. `compared` counts what was compared, `frames` both ways, `ticks` granted."""

    check: Check
    verdict: Verdict | None
    reason: str = ""
    field: str = ""
    expected: str = ""
    got: str = ""
    tick: int = 0
    compared: int = 0
    frames: int = 0
    ticks: int = 0
    wall_s: float = 0.0

    @property
    def outcome(self) -> str:
        """One of the four verdicts, or `left out`."""
        return LEFT_OUT if self.verdict is None else str(self.verdict)


def verdict_of(results: Iterable[Result]) -> Verdict:
    """Of all that ran; of none: inconclusive."""
    return combined(one.verdict for one in results if one.verdict is not None)


def judged(results: Sequence[Result]) -> tuple[Verdict, str]:
    """The verdict and its reason in one line."""
    verdict = verdict_of(results)
    ran = [one for one in results if one.verdict is not None]
    found = [one for one in ran if one.verdict is verdict]
    if not ran:
        return verdict, "no check was run: all were left out"
    if verdict is Verdict.PASS:
        return verdict, f"all {len(ran)} checks passed" if len(ran) > 1 else "the one check passed"
    first = found[0]
    return verdict, f"{len(found)} of {len(ran)} checks: {verdict}; the first: {first.check.id}: {first.reason}"
