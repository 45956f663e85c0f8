"""Knows which programs are sound, rule by rule; it must not know what is staged or in force.

Section 3 of SEMANTICS.md: the rules stand here in its order, and the first one broken speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.plan import Plan, bolus_rate_q, volume_nl
from pumpbench.firmware_emu.program import Program
from pumpbench.protocol.codes import IntervalUnit, Mode, Refusal
from pumpbench.protocol.layout import RangeError
from pumpbench.protocol.limits import (
    CONCENTRATION_MAX_UG_PER_ML,
    CONCENTRATION_MIN_UG_PER_ML,
    DOSE_LIMIT_MAX_NG,
    DURATION_MAX_TICKS,
    DURATION_MIN_TICKS,
    FLEX_SCHEDULES,
    FLEX_STEPS,
    INTERVAL_MAX_TICKS,
    INTERVAL_MIN_TICKS,
    LOCKOUT_MAX_TICKS,
    LOCKOUT_MIN_TICKS,
    PATIENT_BOLUSES,
    RATE_MAX_NL_PER_DAY,
    TONE_INTERVAL_MAX_TICKS,
    TONE_INTERVAL_MIN_TICKS,
)


class Broken(NamedTuple):
    """A rule that does not hold: its refusal, the bound, and what was found."""

    refusal: int
    limit: int
    value: int


class Asked(NamedTuple):
    """A program under judgement. `bridge_rate_nl_per_day` of a sound program: None where no bridge would run."""

    program: Program
    config: Config
    rate_check_nl_per_day: int
    volume_check_nl: int
    bridge_rate_nl_per_day: Callable[[Plan], int | None]


Found = Iterator[Broken | None]

WITH_DOSE: Final = (Mode.SIMPLE_CONTINUOUS, Mode.INTERVAL_BOLUS, Mode.FLEX)


def first_broken(asked: Asked) -> Broken | None:
    """None for a sound program."""
    return next((found for found in _rules(asked) if found), None)


def _rules(asked: Asked) -> Found:
    """Lazy, because later rules divide by what earlier ones vouch for."""
    program, rate_min = asked.program, asked.config.rate_min_nl_per_day
    yield from _own_rules(program, rate_min)
    if program.mode == Mode.STOPPED:
        yield from _limits(program, asked.config)
        return
    plan = Plan(program.to_bytes(), rate_min)
    yield from _bridge(asked, plan)
    yield from _checks(asked, plan)
    yield from _limits(program, asked.config)
    # Rule 23. The dose window looks a day ahead and no further: in the middle of an hour it would let such a program in.
    yield _above(Refusal.DOSE_LIMIT, program.dose_limit_ng, plan.daily_dose_ng())


def _own_rules(program: Program, rate_min: int) -> Found:
    """Rules 1 to 16: what a program says of itself, whatever the pump it meets."""
    yield _above(Refusal.MODE_UNKNOWN, Mode.MINIMUM_RATE, program.mode)
    yield _within(
        Refusal.CONCENTRATION_RANGE, CONCENTRATION_MIN_UG_PER_ML, CONCENTRATION_MAX_UG_PER_ML, program.concentration_ug_per_ml
    )
    if program.mode != Mode.STOPPED:
        yield from _basal(program, rate_min)
        yield from _flex(program, rate_min)
        yield from _interval(program)
        yield from _single(program)
        yield from _patient(program)


@lru_cache(maxsize=32)
def is_sound(image: bytes) -> bool:
    """Whether an image of 216 bytes can be a program at all: what a slot or a restore must hold. Section 8."""
    program = Program.from_bytes(image)
    try:
        program.check()
    except RangeError:
        return False
    return not any(_own_rules(program, 0))


def _above(refusal: int, limit: int, value: int) -> Broken | None:
    return Broken(refusal, limit, value) if value > limit else None


def _below(refusal: int, limit: int, value: int) -> Broken | None:
    return Broken(refusal, limit, value) if value < limit else None


def _within(refusal: int, low: int, high: int, value: int) -> Broken | None:
    return _below(refusal, low, value) or _above(refusal, high, value)


def _unused(*values: int) -> Broken | None:
    """Fields that the mode does not use are 0."""
    return next((Broken(Refusal.FIELD_UNUSED, 0, value) for value in values if value), None)


def _rate(rate: int, rate_min: int) -> Broken | None:
    return _below(Refusal.RATE_TOO_LOW, rate_min, rate) or _above(Refusal.RATE_TOO_HIGH, RATE_MAX_NL_PER_DAY, rate)


def _bolus_rate(program: Program, dose_ng: int, duration_ticks: int) -> Broken | None:
    volume = volume_nl(dose_ng, program.concentration_ug_per_ml)
    return _above(Refusal.RATE_TOO_HIGH, RATE_MAX_NL_PER_DAY, bolus_rate_q(volume, duration_ticks))


def _basal(program: Program, rate_min: int) -> Found:
    """Rules 4 and 5."""
    dose = program.dose_ng_per_day
    if program.mode == Mode.SIMPLE_CONTINUOUS and dose == 0:
        yield Broken(Refusal.RATE_TOO_LOW, rate_min, 0)
    if program.mode in (Mode.SIMPLE_CONTINUOUS, Mode.INTERVAL_BOLUS) and dose:
        yield _rate(volume_nl(dose, program.concentration_ug_per_ml), rate_min)
    if program.mode not in WITH_DOSE:
        yield _unused(dose)


def _flex(program: Program, rate_min: int) -> Found:
    """Rules 6 to 10."""
    counts = (program.flex_0_count, program.flex_1_count)
    if program.mode != Mode.FLEX:
        yield _unused(*counts, program.schedule_days)
        return
    if not 1 <= counts[0] <= FLEX_STEPS:
        yield Broken(Refusal.FLEX_COUNT, FLEX_STEPS, counts[0])
    yield _above(Refusal.FLEX_COUNT, FLEX_STEPS, counts[1])
    if program.schedule_days and not counts[1]:
        yield Broken(Refusal.FLEX_COUNT, 1, 0)
    for schedule in range(FLEX_SCHEDULES):
        yield from _flex_order(program.flex_start_minute[FLEX_STEPS * schedule :][: counts[schedule]])
    plan = Plan(program.to_bytes(), rate_min)
    for rate in [rate for schedule in plan.flex or () for rate in schedule.rates]:
        yield _above(Refusal.RATE_TOO_HIGH, RATE_MAX_NL_PER_DAY, rate)
        yield _below(Refusal.RATE_TOO_LOW, rate_min, rate) if rate else None
    total = sum(program.flex_dose_ng[: counts[0]])
    if total != program.dose_ng_per_day:
        yield Broken(Refusal.FLEX_SUM, program.dose_ng_per_day, total)
    # A day of nothing is a stop, and a stop is asked for by name.
    if not all(plan.schedule_doses_ng()):
        yield Broken(Refusal.RATE_TOO_LOW, rate_min, 0)


def _flex_order(starts: list[int]) -> Found:
    if starts and starts[0]:
        yield Broken(Refusal.FLEX_ORDER, 0, starts[0])
    for before, start in zip(starts, starts[1:], strict=False):
        if start <= before:
            yield Broken(Refusal.FLEX_ORDER, before, start)


def _interval(program: Program) -> Found:
    """Rules 11 and 12."""
    dose, duration = program.interval_dose_ng, program.interval_duration_ticks
    if program.mode != Mode.INTERVAL_BOLUS:
        yield _unused(program.interval_unit, program.interval_count, dose, duration)
        return
    if program.interval_unit not in (IntervalUnit.MINUTES, IntervalUnit.HOURS):
        yield Broken(Refusal.INTERVAL_UNIT, IntervalUnit.HOURS, program.interval_unit)
    ticks = Plan(program.to_bytes(), 0).interval_ticks
    yield _within(Refusal.INTERVAL_RANGE, INTERVAL_MIN_TICKS, INTERVAL_MAX_TICKS, ticks)
    yield _below(Refusal.VOLUME_RANGE, 1, dose)
    yield _within(Refusal.DURATION_RANGE, DURATION_MIN_TICKS, min(DURATION_MAX_TICKS, ticks), duration)
    yield _bolus_rate(program, dose, duration)


def _single(program: Program) -> Found:
    """Rules 13 and 14."""
    dose, duration = program.single_dose_ng, program.single_duration_ticks
    if program.mode != Mode.SINGLE_BOLUS:
        yield _unused(dose, duration)
        return
    yield _below(Refusal.VOLUME_RANGE, 1, dose)
    yield _within(Refusal.DURATION_RANGE, DURATION_MIN_TICKS, DURATION_MAX_TICKS, duration)
    yield _bolus_rate(program, dose, duration)


def _patient(program: Program) -> Found:
    """Rules 15 and 16."""
    dose, duration = program.patient_dose_ng, program.patient_duration_ticks
    if dose == 0:
        yield _unused(duration, program.patient_lockout_ticks, program.patient_count)
        return
    if program.mode not in WITH_DOSE:
        yield _unused(dose)
    yield _within(Refusal.DURATION_RANGE, DURATION_MIN_TICKS, DURATION_MAX_TICKS, duration)
    yield _bolus_rate(program, dose, duration)
    yield _within(Refusal.LOCKOUT_RANGE, LOCKOUT_MIN_TICKS, LOCKOUT_MAX_TICKS, program.patient_lockout_ticks)
    yield _within(Refusal.PATIENT_COUNT_RANGE, 1, PATIENT_BOLUSES, program.patient_count)


def _bridge(asked: Asked, plan: Plan) -> Found:
    """Rule 17."""
    if asked.program.bridge and asked.program.mode not in (Mode.SIMPLE_CONTINUOUS, Mode.FLEX):
        yield _unused(1)
    rate = asked.bridge_rate_nl_per_day(plan)
    if rate is not None and not 1 <= rate <= RATE_MAX_NL_PER_DAY:
        yield Broken(Refusal.RATE_TOO_HIGH, RATE_MAX_NL_PER_DAY, rate)


def _checks(asked: Asked, plan: Plan) -> Found:
    """Rules 18 and 19: the programmer's own sums."""
    rate_sum = plan.rate_sum_nl_per_day()
    if rate_sum != asked.rate_check_nl_per_day:
        yield Broken(Refusal.RATE_MISMATCH, rate_sum, asked.rate_check_nl_per_day)
    volume_sum = plan.interval_volume_nl + plan.single_volume_nl + plan.patient_volume_nl
    if volume_sum != asked.volume_check_nl:
        yield Broken(Refusal.VOLUME_MISMATCH, volume_sum, asked.volume_check_nl)


def _limits(program: Program, config: Config) -> Found:
    """Rules 20 to 22."""
    yield _above(Refusal.THRESHOLD_RANGE, config.reservoir_capacity_nl, program.low_reservoir_nl)
    yield _below(Refusal.THRESHOLD_RANGE, config.reservoir_empty_nl, program.low_reservoir_nl)
    yield _within(Refusal.TONE_INTERVAL_RANGE, TONE_INTERVAL_MIN_TICKS, TONE_INTERVAL_MAX_TICKS, program.critical_interval_ticks)
    yield _within(Refusal.LIMIT_RANGE, 1, DOSE_LIMIT_MAX_NG, program.dose_limit_ng)
