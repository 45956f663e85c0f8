"""Knows how to draw acts that hardly meet by chance, a few ticks or hours apart; it must not know the rest of the scenario."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.generate_program import program
from pumpbench.protocol.limits import PROGRAM_SLOT_WORDS, TICKS_PER_HOUR

Steps = list[dict[str, Any]]


def drawn_step(tick: int, act: str, arguments: Any) -> dict[str, Any]:
    """A request whose answer nobody foretells."""
    return {"at": format_duration(tick), act: arguments, "any_answer": True}


def meeting(draw: Random, tick: int, concentration_ug_per_ml: int) -> Steps:
    """Steps within three hours from `tick` on; none in a third of all draws."""
    return draw.choice(_MEETINGS)(draw, tick, concentration_ug_per_ml) if draw.random() < 0.67 else []


def _flip_while_verifying(draw: Random, tick: int, concentration: int) -> Steps:
    """With the default stages an update has written its slot after 17 ticks and compares it at the 22nd."""
    slot = draw.choice(("program_slot_0", "program_slot_1"))
    flip = {"place": slot, "word": draw.randrange(PROGRAM_SLOT_WORDS - 1), "mask": 1 << draw.randrange(32)}
    return [drawn_step(tick, "program", program(draw, concentration)), {"at": format_duration(tick + 19), "memory_flip": flip}]


def _interference_while_alarming(draw: Random, tick: int, concentration: int) -> Steps:
    hour = TICKS_PER_HOUR
    return [
        {"at": format_duration(tick), "rotor": {"fault": "stalled"}},
        {"at": format_duration(tick + hour), "emi": True},
        {"at": format_duration(tick + hour + 1), "rotor": {"fault": "none"}},
        drawn_step(tick + hour + draw.randrange(2, hour), "read", ["status"]),
    ]


def _stop_and_resume(draw: Random, tick: int, concentration: int) -> Steps:
    return [
        drawn_step(tick, "program", program(draw, concentration)),
        drawn_step(tick + draw.randrange(10, TICKS_PER_HOUR), "stop", True),
        drawn_step(tick + TICKS_PER_HOUR + draw.randrange(TICKS_PER_HOUR), "resume", True),
    ]


def _film_and_reset(draw: Random, tick: int, concentration: int) -> Steps:
    """Too much resistance for a motor pulse at any charge; then a cell as good as new."""
    return [
        {"at": format_duration(tick), "battery_resistance": {"mohm": draw.randrange(5_000_000, 100_000_000)}},
        {"at": format_duration(tick + draw.randrange(600, TICKS_PER_HOUR)), "battery_resistance": {"mohm": 20_000}},
        drawn_step(tick + 2 * TICKS_PER_HOUR, "program", program(draw, concentration)),
    ]


def _empty_and_refilled(draw: Random, tick: int, concentration: int) -> Steps:
    return [
        drawn_step(tick, "refill", {"fill_nl": 1_000_000, "told_fill_nl": draw.randrange(600_000)}),
        drawn_step(tick + draw.randrange(600, 2 * TICKS_PER_HOUR), "refill", {"fill_nl": draw.randrange(1_000_000, 19_000_000)}),
    ]


_MEETINGS: Final[tuple[Callable[[Random, int, int], Steps], ...]] = (
    # Twice: only some of these meet the quirk or the slot that they need.
    _flip_while_verifying,
    _flip_while_verifying,
    _interference_while_alarming,
    _interference_while_alarming,
    _stop_and_resume,
    _film_and_reset,
    _empty_and_refilled,
)
