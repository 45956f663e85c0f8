"""Knows how to draw a whole scenario from a seed: valid, with every act and fault over a population; it runs nothing."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.generate_acts import BENCH, THERAPY, Draw
from pumpbench.hil.scenario.generate_meeting import drawn_step, meeting
from pumpbench.hil.scenario.generate_program import CONCENTRATIONS, program
from pumpbench.hil.scenario.lint import checked_scenario
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.toml_text import to_toml
from pumpbench.protocol.codes import Alarm, Quirk
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR

DAYS_MAX: Final = 6

# Name -> range of ticks or of plain numbers, drawn by their unit.
_CONFIG_TICKS: Final = {
    "boot_ticks": (1, 200),
    "session_timeout_ticks": (10, 36_000),
    "update_stop_ticks": (1, 100),
    "update_verify_ticks": (1, 100),
    "update_restart_ticks": (1, 100),
    "stopped_alarm_ticks": (600, 1_728_000),
    "tone_non_critical_period_ticks": (100, 864_000),
    "alarm_test_ticks": (1, 600),
}
_CONFIG_NUMBERS: Final = {
    "stall_steps_count": (1, 20),
    "reservoir_empty_nl": (0, 1_000_000),
    "rate_min_nl_per_day": (1_000, 200_000),
    "prime_rate_nl_per_day": (1_000_000, 24_000_000),
    "dose_factor_count": (1, 20),
    "dose_confirm_above_ng": (10_000, 10_000_000),
    "refill_tolerance_ppt": (0, 1_000),
    "load_ua": (0, 10_000),
    "brownout_nc_per_mohm": (0, 20_000_000),
    "mix_basal_ppm": (0, 1_000_000),
    "mix_bolus_ppm": (0, 1_000_000),
}


def generate(seed: int) -> Scenario:
    """The scenario of this seed, always the same. It expects nothing: any alarm and any answer is right, lockstep judges."""
    draw = Random(f"pumpbench scenario {seed}")
    return checked_scenario(to_toml(_document(draw, seed)), f"generated-{seed}")


def _document(draw: Random, seed: int) -> dict[str, Any]:
    concentration = draw.choice(CONCENTRATIONS[1:])
    until = draw.randrange(TICKS_PER_DAY // 2, DAYS_MAX * TICKS_PER_DAY)
    return {
        "title": f"generated from seed {seed}",
        "sources": ["unsourced"],
        "until": format_duration(until),
        "quirks": [name for name, _ in Quirk.items() if draw.random() < 0.4],
        "allow_alarms": [name for name, _ in Alarm.items()],
        "start": _start(draw, concentration),
        "config": _config(draw),
        "step": _steps(draw, concentration, until),
        "expect": [{"event": "reset", "arg_0": "start", "never": True}],
    }


def _start(draw: Random, concentration: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "serial": draw.randrange(1, 2**32),
        "catheter_length_mm": draw.randrange(100, 1_501),
        "tubing_nl": draw.randrange(1_000_001),
        "reservoir_nl": draw.choice((draw.randrange(1_000_000, 4_000_000), draw.randrange(4_000_000, 20_000_001))),
        "concentration_ug_per_ml": concentration,
        "clock_day": draw.randrange(14),
        "clock_time": f"{draw.randrange(24):02}:{draw.randrange(60):02}",
        "charge_percent": draw.choice((100, draw.randrange(40, 101), draw.randrange(40, 101), draw.randrange(1, 101))),
        # Sometimes so old that the replacement indicator, or the end, comes within the run.
        "age": f"{draw.choice((0, draw.randrange(2_400), draw.randrange(2_400), 2_463, draw.randrange(2_552, 2_556)))}d",
    }
    if draw.random() < 0.3:
        made["line_ug_per_ml"] = draw.choice((0, *CONCENTRATIONS))
    if draw.random() < 0.2:
        made["reservoir_true_nl"] = draw.randrange(20_000_001)
    return made


def _config(draw: Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, (low, high) in _CONFIG_TICKS.items():
        if draw.random() < 0.25:
            made[name] = format_duration(draw.randrange(low, high + 1))
    for name, (low, high) in _CONFIG_NUMBERS.items():
        if draw.random() < 0.15:
            made[name] = draw.randrange(low, high + 1)
    if draw.random() < 0.4:
        # So light a sample leaves a film in the battery to the motor pulses.
        made["load_ua"] = draw.randrange(50)
    return made


def _steps(draw: Random, concentration: int, until: int) -> list[dict[str, Any]]:
    first = draw.randrange(1, TICKS_PER_HOUR)
    steps: list[dict[str, Any]] = [drawn_step(first, "program", program(draw, concentration))]
    session = False
    for tick in _ticks(draw, first, until):
        what = draw.random()
        if what < 0.04:
            steps.append({"at": format_duration(tick), "link": draw.choice(("lost", "back", "back"))})
        elif what < 0.10:
            session = not session
            role = draw.choice(("clinician", "clinician", "patient")) if session else "close"
            steps.append(drawn_step(tick, "session", role))
            if role == "clinician" and draw.random() < 0.7:
                steps.append(drawn_step(tick, "subscribe", format_duration(draw.randrange(1, TICKS_PER_HOUR))))
        elif what < 0.70:
            steps.append(_therapy(draw, tick, concentration))
        else:
            act, arguments = _drawn(draw, BENCH, concentration)
            steps.append({"at": format_duration(tick), act: arguments})
    tick = draw.randrange(TICKS_PER_HOUR, until - 3 * TICKS_PER_HOUR)
    return [*steps, *meeting(draw, tick, concentration)]


def _ticks(draw: Random, first: int, until: int) -> list[int]:
    """Some spread over the run, some close together: updates, boots and boluses meet only when hurried."""
    ticks: list[int] = []
    while len(ticks) < 12:
        tick = draw.randrange(first, until)
        ticks.append(tick)
        while draw.random() < 0.6:
            tick += draw.choice((0, draw.randrange(1, 60), draw.randrange(1, 6_000)))
            ticks.append(tick)
    return sorted(tick for tick in ticks if tick < until)


def _therapy(draw: Random, tick: int, concentration: int) -> dict[str, Any]:
    act, arguments = _drawn(draw, THERAPY, concentration)
    made = drawn_step(tick, act, arguments)
    if draw.random() < 0.1:
        made["role"] = draw.choice(("clinician", "patient"))
    if draw.random() < 0.15:
        made["twice"] = True
    if act == "patient_bolus" and draw.random() < 0.5:
        made |= {"every": format_duration(draw.randrange(3_000, TICKS_PER_DAY)), "count": draw.randrange(2, 9)}
    return made


def _drawn(draw: Random, table: dict[str, tuple[int, Draw]], concentration: int) -> tuple[str, Any]:
    act = draw.choices(list(table), [weight for weight, _ in table.values()])[0]
    return act, table[act][1](draw, concentration)
