"""Draws therapy programs: most would pass the pump's rules, some break one; knows the rules' numbers and no pump."""

import random
from typing import Any

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.programming import Plan
from pumpbench.protocol.codes import IntervalUnit, Mode
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import (
    CONCENTRATION_MAX_UG_PER_ML,
    DOSE_LIMIT_MAX_NG,
    DURATION_MAX_TICKS,
    DURATION_MIN_TICKS,
    FLEX_STEPS,
    FLEX_STEPS_ON_WIRE,
    LOCKOUT_MAX_TICKS,
    LOCKOUT_MIN_TICKS,
    MINUTES_PER_DAY,
    PATIENT_BOLUSES,
    RATE_MAX_NL_PER_DAY,
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    TONE_INTERVAL_MAX_TICKS,
    TONE_INTERVAL_MIN_TICKS,
)
from pumpbench.protocol.messages import FlexStep, StageProgram
from tests.parity.draw_numbers import around, log_uniform, within

U32_MAX = 0xFFFF_FFFF
MODES = {
    Mode.SIMPLE_CONTINUOUS: 4, Mode.FLEX: 5, Mode.INTERVAL_BOLUS: 4, Mode.SINGLE_BOLUS: 2, Mode.MINIMUM_RATE: 1, Mode.STOPPED: 1,
}  # fmt: skip
RATE_USUAL_NL_PER_DAY = 2_000_000


class Draw:
    """One program being drawn."""

    def __init__(self, rng: random.Random, config: Config) -> None:
        self.rng = rng
        self.config = config
        self.conc = rng.choice((500, 2000, 2000, within(rng, 1, CONCENTRATION_MAX_UG_PER_ML)))
        # Most pumps run at a millilitre a day or less; the rest shows what the largest rates do.
        self.rate_max = RATE_MAX_NL_PER_DAY if rng.random() < 0.2 else RATE_USUAL_NL_PER_DAY
        self.values: dict[str, Any] = dict.fromkeys((f.name for f in layout_of(StageProgram).fields), 0)
        self.flex: list[tuple[FlexStep, ...]] = [(), ()]

    def dose_ng(self, volume_nl: int) -> int:
        """Of a volume, at least 1."""
        return min(max(volume_nl * self.conc // 1000, 1), U32_MAX)

    def rate(self) -> int:
        return log_uniform(self.rng, min(self.config.rate_min_nl_per_day + 1, self.rate_max), self.rate_max)

    def volume_and_duration(self, ticks_max: int) -> tuple[int, int]:
        """(nl, ticks) of a bolus that stays below the largest rate."""
        duration = log_uniform(self.rng, DURATION_MIN_TICKS, ticks_max)
        most = RATE_MAX_NL_PER_DAY * duration // TICKS_PER_DAY
        return log_uniform(self.rng, 1, max(most - 1, 1)), duration

    def plan(self) -> Plan:
        return Plan(StageProgram(**self.values), self.flex[0], self.flex[1])


def draw_plan(rng: random.Random, config: Config, spoilt: float = 0.15) -> Plan:
    """Most are lawful; with probability `spoilt` something is not."""
    draw = Draw(rng, config)
    mode = rng.choices(list(MODES), list(MODES.values()))[0]
    draw.values |= {"program_id": rng.randint(0, U32_MAX), "mode": mode, "concentration_ug_per_ml": draw.conc, **_limits(draw)}
    MAKERS.get(mode, _nothing)(draw)
    if mode in (Mode.SIMPLE_CONTINUOUS, Mode.FLEX, Mode.INTERVAL_BOLUS) and rng.random() < 0.6:
        _patient(draw)
    if mode in (Mode.SIMPLE_CONTINUOUS, Mode.FLEX):
        draw.values["bridge"] = int(rng.random() < 0.4)
    draw.values["dose_limit_ng"] = _limit_ng(draw)
    if rng.random() < spoilt:
        _spoil(draw)
    return draw.plan()


def _limits(draw: Draw) -> dict[str, int]:
    rng, config = draw.rng, draw.config
    lo, hi = sorted((config.reservoir_empty_nl, config.reservoir_capacity_nl))
    return {
        "low_reservoir_nl": within(rng, lo, hi) if rng.random() < 0.4 else min(max(2_000_000, lo), hi),
        "critical_interval_ticks": within(rng, TONE_INTERVAL_MIN_TICKS, TONE_INTERVAL_MAX_TICKS),
    }


def _limit_ng(draw: Draw) -> int:
    """Mostly wide, else near what the program gives in a day, so that boluses meet it."""
    if draw.rng.random() < 0.7:
        return DOSE_LIMIT_MAX_NG
    given = draw.values["dose_ng_per_day"] + draw.values["single_dose_ng"] + 4 * draw.values["interval_dose_ng"]
    return min(max(int(given * draw.rng.uniform(0.98, 8)), 1000), DOSE_LIMIT_MAX_NG)


def _nothing(_: Draw) -> None:
    """Modes that ask for no more."""


def _simple(draw: Draw) -> None:
    draw.values["dose_ng_per_day"] = draw.dose_ng(draw.rate())


def _flex(draw: Draw) -> None:
    draw.flex[0] = _steps(draw)
    if draw.rng.random() < 0.6:
        draw.flex[1] = _steps(draw)
        draw.values["schedule_days"] = draw.rng.randint(0, 127)
    draw.values["dose_ng_per_day"] = sum(step.dose_ng for step in draw.flex[0])


def _steps(draw: Draw) -> tuple[FlexStep, ...]:
    rng = draw.rng
    count = rng.choice((1, 2, 3, FLEX_STEPS, rng.randint(1, FLEX_STEPS)))
    step = rng.choice((1, 1, 60))
    starts = [0, *sorted(rng.sample(range(step, MINUTES_PER_DAY, step), count - 1))]
    ends = [*starts[1:], MINUTES_PER_DAY]
    steps = []
    for start, end in zip(starts, ends, strict=True):
        rate = 0 if rng.random() < 0.1 else draw.rate()
        # Rounded up, so that the derived rate is not below the minimum.
        dose = -(-rate * draw.conc * (end - start) // (1000 * MINUTES_PER_DAY))
        steps.append(FlexStep(start_minute=start, dose_ng=min(dose, U32_MAX)))
    return tuple(steps)


def _interval(draw: Draw) -> None:
    rng = draw.rng
    unit, unit_ticks = rng.choice(((IntervalUnit.MINUTES, TICKS_PER_MINUTE), (IntervalUnit.HOURS, TICKS_PER_HOUR)))
    count = log_uniform(rng, -(-9_000 // unit_ticks), 6_048_000 // unit_ticks)
    volume, duration = draw.volume_and_duration(min(DURATION_MAX_TICKS, count * unit_ticks))
    if rng.random() < 0.7:
        draw.values["dose_ng_per_day"] = draw.dose_ng(draw.rate())
    draw.values |= {
        "interval_unit": unit,
        "interval_count": count,
        "interval_dose_ng": draw.dose_ng(volume),
        "interval_duration_ticks": duration,
    }


def _single(draw: Draw) -> None:
    volume, duration = draw.volume_and_duration(DURATION_MAX_TICKS)
    draw.values |= {"single_dose_ng": draw.dose_ng(volume), "single_duration_ticks": duration}


def _patient(draw: Draw) -> None:
    volume, duration = draw.volume_and_duration(TICKS_PER_HOUR)
    draw.values |= {
        "patient_dose_ng": draw.dose_ng(volume),
        "patient_duration_ticks": duration,
        "patient_lockout_ticks": log_uniform(draw.rng, LOCKOUT_MIN_TICKS, LOCKOUT_MAX_TICKS),
        "patient_count": draw.rng.randint(1, PATIENT_BOLUSES),
    }


MAKERS = {
    Mode.SIMPLE_CONTINUOUS: _simple,
    Mode.FLEX: _flex,
    Mode.INTERVAL_BOLUS: _interval,
    Mode.SINGLE_BOLUS: _single,
}


def _spoil(draw: Draw) -> None:
    """One field, or one flex schedule, is drawn without a thought."""
    rng = draw.rng
    if rng.random() < 0.3:
        schedule = rng.randrange(2)
        steps = tuple(_any_step(rng) for _ in range(rng.randint(0, 4)))
        draw.flex[schedule] = (draw.flex[schedule] + steps)[:FLEX_STEPS_ON_WIRE]
        return
    spoilt = rng.choice([f for f in layout_of(StageProgram).fields if f.name != "program_id"])
    draw.values[spoilt.name] = around(rng, spoilt.lo, spoilt.hi, spoilt.hi)
    if spoilt.name in BOUNDS and rng.random() < 0.7:
        draw.values[spoilt.name] = min(around(rng, *BOUNDS[spoilt.name], spoilt.hi), spoilt.hi)


def _any_step(rng: random.Random) -> FlexStep:
    return FlexStep(start_minute=rng.randint(0, 1439), dose_ng=log_uniform(rng, 1, U32_MAX))


# Bounds of the rules, whose edges are worth trying.
BOUNDS = {
    "mode": (0, 6),
    "concentration_ug_per_ml": (1, CONCENTRATION_MAX_UG_PER_ML),
    "dose_limit_ng": (1, DOSE_LIMIT_MAX_NG),
    "critical_interval_ticks": (TONE_INTERVAL_MIN_TICKS, TONE_INTERVAL_MAX_TICKS),
    "interval_unit": (0, 3),
    "interval_count": (0, 200),
    "interval_duration_ticks": (DURATION_MIN_TICKS, DURATION_MAX_TICKS),
    "single_duration_ticks": (DURATION_MIN_TICKS, DURATION_MAX_TICKS),
    "patient_duration_ticks": (DURATION_MIN_TICKS, DURATION_MAX_TICKS),
    "patient_lockout_ticks": (LOCKOUT_MIN_TICKS, LOCKOUT_MAX_TICKS),
    "patient_count": (0, PATIENT_BOLUSES + 1),
    "dose_ng_per_day": (0, 100),
}
