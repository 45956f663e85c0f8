"""Knows how to draw a therapy program at random, mostly one that a pump accepts; it must not know when it is given."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from pumpbench.hil.scenario.acts_table import PHASES, WEEKDAYS
from pumpbench.hil.scenario.duration import format_duration

Document = dict[str, Any]

CONCENTRATIONS: Final = (50, 500, 1000, 2000)


def program(draw: Random, concentration_ug_per_ml: int) -> Document:
    """A `program` table that delivers more often than not."""
    mode = draw.choices(list(_MODES), _WEIGHTS)[0]
    made: Document = {"mode": mode, "concentration_ug_per_ml": concentration_ug_per_ml}
    _MODES[mode](draw, made, concentration_ug_per_ml)
    if mode in ("simple_continuous", "flex", "interval_bolus") and draw.random() < 0.8:
        made["patient"] = _patient(draw, concentration_ug_per_ml)
    if draw.random() < 0.3:
        made["low_reservoir_nl"] = draw.randrange(500_000, 6_000_000)
    if draw.random() < 0.2:
        made["dose_limit_ng"] = draw.randrange(200, 10_000) * concentration_ug_per_ml
    if draw.random() < 0.2:
        made["critical_interval"] = format_duration(draw.randrange(300, 72_000))
    made["confirm"] = True
    return made


def spoilt(draw: Random, made: Document) -> Document:
    """Sometimes bent so that the pump refuses it, ended early, or cut off from the link on the way."""
    what = draw.random()
    if what < 0.1:
        draw.choice(_BENDS)(draw, made)
    elif what < 0.2:
        made["finish"] = draw.choice(PHASES[1:3])
        del made["confirm"]
    elif what < 0.25:
        made["lose_link_after"] = draw.choice(PHASES[:3])
    elif what < 0.35:
        del made["confirm"]
    return made


def _daily_ng(draw: Random, concentration: int) -> int:
    """A dose of 0.05 to 2 mL a day."""
    return draw.randrange(50, 2_000) * concentration


def _simple(draw: Random, made: Document, concentration: int) -> None:
    made["dose_ng_per_day"] = _daily_ng(draw, concentration)
    if draw.random() < 0.4:
        made["bridge"] = True


def _flex(draw: Random, made: Document, concentration: int) -> None:
    made["flex"] = _day(draw, concentration)
    if draw.random() < 0.5:
        made["flex_other"] = _day(draw, concentration)
        made["other_days"] = draw.sample(WEEKDAYS, draw.randrange(1, 7))
    if draw.random() < 0.3:
        made["bridge"] = True


def _day(draw: Random, concentration: int) -> list[Document]:
    """1 to 13 steps, from nothing to 3 mL a day each."""
    minutes = sorted({0, *(draw.randrange(5, 1_435) for _ in range(draw.randrange(13)))})
    steps = []
    for start, end in zip(minutes, [*minutes[1:], 1_440], strict=True):
        rate_nl_per_day = draw.choice((0, draw.randrange(60_000, 3_000_000)))
        clock = f"{start // 60:02}:{start % 60:02}"
        steps.append({"start": clock, "dose_ng": rate_nl_per_day * concentration * (end - start) // 1_440_000})
    return steps


def _interval(draw: Random, made: Document, concentration: int) -> None:
    made["dose_ng_per_day"] = draw.choice((0, _daily_ng(draw, concentration)))
    hours, minutes = draw.randrange(1, 13), draw.randrange(15, 400)
    made["interval"], ticks = draw.choice(((f"{hours}h", hours * 36_000), (f"{minutes}min", minutes * 600)))
    made["interval_dose_ng"] = draw.randrange(5, 100) * concentration
    # One that fills its interval is still owed when the next is due, if anything outranks it.
    made["interval_duration"] = format_duration(draw.choice((draw.randrange(600, 9_000), ticks)))


def _single(draw: Random, made: Document, concentration: int) -> None:
    made["single_dose_ng"] = draw.randrange(5, 500) * concentration
    made["single_duration"] = format_duration(draw.randrange(600, 200_000))


def _nothing(draw: Random, made: Document, concentration: int) -> None:
    """Stopped and minimum rate have no dose of their own."""


def _patient(draw: Random, concentration: int) -> Document:
    return {
        "dose_ng": draw.randrange(1, 60) * concentration,
        "duration": format_duration(draw.randrange(100, 20_000)),
        "lockout": format_duration(draw.randrange(600, 72_000)),
        "count": draw.randrange(1, 9),
    }


_MODES: Final[dict[str, Callable[[Random, Document, int], None]]] = {
    "simple_continuous": _simple,
    "flex": _flex,
    "interval_bolus": _interval,
    "single_bolus": _single,
    "minimum_rate": _nothing,
    "stopped": _nothing,
}
_WEIGHTS: Final = (4, 4, 3, 1, 1, 1)


def _wrong_sum(draw: Random, made: Document) -> None:
    made[draw.choice(("rate_check_nl_per_day", "volume_check_nl"))] = draw.randrange(1_000_000)


def _wrong_concentration(draw: Random, made: Document) -> None:
    made["concentration_ug_per_ml"] = draw.choice((0, 1, 4_000))


def _unused_field(draw: Random, made: Document) -> None:
    made["single_dose_ng"] = draw.randrange(1, 1_000)


def _huge_dose(draw: Random, made: Document) -> None:
    made["dose_ng_per_day"] = draw.randrange(2**31, 2**32)


def _many_steps(draw: Random, made: Document) -> None:
    made["flex"] = [{"start": f"{hour:02}:00", "dose_ng": 10_000} for hour in range(draw.choice((14, 16)))]


_BENDS: Final = (_wrong_sum, _wrong_concentration, _unused_field, _huge_dose, _many_steps)
