"""Lockstep with the reference: the same bytes to both, every reply, effect and digest compared, over stories drawn from the seed.

A difference here means that two implementations differ; which one is wrong, the page decides.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.conformance.check import Check, declare
from pumpbench.hil.conformance.result import Undecided, Unmet
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.divergence import Divergence
from pumpbench.hil.errors import Refusal, refusal_line
from pumpbench.hil.rig import RigResult, TwinRig
from pumpbench.hil.scenario.generate import generate
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.targets import Target
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Level
from pumpbench.protocol.limits import TICKS_PER_DAY

SECTION: Final = "SEMANTICS, all of it"
OTHER: Final = "other"
WEEK_TICKS: Final = 7 * TICKS_PER_DAY
STORY_TICKS: Final = 2 * TICKS_PER_DAY
STORIES: Final = 4


class Borrowed(Target):
    """The device under check as a target that whoever runs on it cannot close."""

    name = "target"
    independent = True
    device: Device | None = None

    def __init__(self, pump: Subject) -> None:
        self.link = pump.link
        self.ticks_per_second = pump.ticks_per_second

    def close(self) -> None:
        """It was not opened here."""


def _lockstep(pump: Subject, scenario: Scenario, until_tick: int) -> None:
    pump.start()
    rig = TwinRig(Borrowed(pump), pump.seed)
    try:
        run_scenario(scenario, rig, seed=pump.seed, until_tick=until_tick)
    except Refusal as refusal:
        raise Unmet("a bench request of the story", refusal_line(refusal.refused), "to be carried out", rig.tick) from refusal
    result = rig.finish()
    pump.tally.ticks += result.ticks
    pump.compared += result.frames_compared + result.digests_compared + result.effects_compared
    _judge(result)


def _judge(result: RigResult) -> None:
    """Raises `Unmet` at the first field that differs, in the very tick where that could be found."""
    first, found = result.first_difference, result.divergence
    if isinstance(found, Divergence) and found.difference is not None:
        first = found.difference
    verdict, reason = result.judged
    if first is not None and verdict is Verdict.FAIL:
        raise Unmet(f"{first.message}.{first.field}", first.theirs, first.ours, first.tick)
    if verdict is not Verdict.PASS and result.digests_compared:
        raise Undecided(reason)


def _story(number: int, pump: Subject) -> None:
    _lockstep(pump, generate(pump.seed + number), STORY_TICKS)


def _week(pump: Subject) -> None:
    _lockstep(pump, load("default"), WEEK_TICKS)


declare(
    Check(
        "reference.a-week-of-therapy-agrees",
        "A week of therapy gives the reference's replies, effects and digests.",
        SECTION,
        Level.L1,
        _week,
        WEEK_TICKS,
        OTHER,
    )  # fmt: skip
)
for _number in range(1, STORIES + 1):
    declare(
        Check(
            f"reference.story-{_number}-agrees",
            f"A story of two days drawn from the seed, number {_number}, gives the reference's replies, effects and digests.",
            SECTION,
            Level.L3,
            partial(_story, _number),
            STORY_TICKS,
            OTHER,
        )  # fmt: skip
    )
