"""Knows in which ticks a planned tone sounds; it must not know the alarms behind it.

Section 11 of SEMANTICS.md, last line.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.firmware_emu.state import Plant


def sounding_ticks(plant: Plant, first_tick: int, last_tick: int) -> int:
    """In how many of the ticks first..last the plant sounds, test included."""
    if not (plant.tone_class or plant.tone_test_end_tick):
        return 0
    testing = 0
    if plant.tone_test_end_tick >= first_tick:
        end = min(plant.tone_test_end_tick, last_tick)
        testing, first_tick = end + 1 - first_tick, end + 1
    if not plant.tone_class:
        return testing
    return testing + _planned_until(plant, last_tick) - _planned_until(plant, first_tick - 1)


def _planned_until(plant: Plant, tick: int) -> int:
    """Ticks up to and including `tick` in which the plan sounds."""
    passed, period = tick + 1 - plant.tone_onset_tick, plant.tone_period_ticks
    if passed <= 0:
        return 0
    periods = div_floor(passed, period)
    duration = min(plant.tone_duration_ticks, period)
    return periods * duration + min(passed - periods * period, duration)
