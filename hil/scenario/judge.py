"""Knows whether what was seen of a run meets the expectations of its scenario; it must not run anything."""

from __future__ import annotations

from collections.abc import Sequence

from pumpbench.hil.rig import Stamped
from pumpbench.hil.scenario.check import Check, Outcome, check
from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.expectations import said
from pumpbench.hil.scenario.model import Look, Occurrence, Scenario
from pumpbench.hil.scenario.values import VALUES
from pumpbench.protocol.codes import Alarm, Event


def judge_occurrence(one: Occurrence, events: Sequence[Stamped], scenario: Scenario, reached_tick: int) -> Check:
    """Counts what happened in its window. A window that the run did not finish decides only what it already can."""
    last = scenario.until_tick if one.last_tick is None else one.last_tick
    ticks = [e.tick for e in events if one.matches(e.code, e.arg_0, e.arg_1) and one.first_tick <= e.tick <= last]
    too_many = one.most is not None and len(ticks) > one.most
    enough = len(ticks) >= one.least
    if last > reached_tick and not too_many and not (enough and one.most is None):
        outcome = Outcome.NOT_REACHED
    else:
        outcome = Outcome.MISSED if too_many or not enough else Outcome.MET
    # One too many shows where it happened, one too few at the end of the time it had.
    shows = None if outcome is not Outcome.MISSED else ticks[one.most] if too_many and one.most is not None else last
    return Check(one.line, one.what, said(one), _times(ticks), outcome, shows)


def _times(ticks: Sequence[int]) -> str:
    if not ticks:
        return "none"
    if len(ticks) == 1:
        return f"at {format_duration(ticks[0])} (tick {ticks[0]})"
    return f"{len(ticks)}, first at {format_duration(ticks[0])} (tick {ticks[0]}), last at {format_duration(ticks[-1])}"


def judge_look(look: Look, seen: int | str, tick: int) -> Check:
    """`seen` as `VALUES` reads it at `tick`."""
    when = f"{look.value} at {format_duration(tick)}"
    if isinstance(seen, str):
        return check(look.line, when, str(look.name), seen, seen == look.name, tick)
    met = (look.low is None or look.low <= seen) and (look.high is None or seen <= look.high)
    return check(look.line, when, _bounds(look), _number(look.value, seen), met, tick)


def unreached(look: Look, tick: int) -> Check:
    """A look whose time the run did not come to."""
    expected = look.name if look.name is not None else _bounds(look)
    return Check(look.line, f"{look.value} at {format_duration(tick)}", expected, "the run ended before", Outcome.NOT_REACHED)


def _bounds(look: Look) -> str:
    low, high = (None if bound is None else _number(look.value, bound) for bound in (look.low, look.high))
    if low == high:
        return str(low)
    return f"at most {high}" if low is None else f"at least {low}" if high is None else f"{low} .. {high}"


def _number(name: str, value: int) -> str:
    return format_duration(value) if VALUES[name].sort == "time" else str(value)


def judge_alarms(scenario: Scenario, events: Sequence[Stamped]) -> list[Check]:
    """An alarm that no expectation names at its time fails, unless the scenario allows it."""
    strange: dict[int, list[int]] = {}
    for event in events:
        if event.code == Event.ALARM_RAISED and event.arg_0 not in scenario.allow_alarms and not _named(scenario, event):
            strange.setdefault(event.arg_0, []).append(event.tick)
    if not strange:
        return [check(0, "other alarms", "none", "none", True)]
    return [
        check(0, f"alarm {Alarm.name_of(alarm)}", "not named", _times(ticks), False, ticks[0]) for alarm, ticks in strange.items()
    ]


def _named(scenario: Scenario, event: Stamped) -> bool:
    return any(
        one.most != 0
        and one.matches(event.code, event.arg_0, event.arg_1)
        and one.first_tick <= event.tick
        and (one.last_tick is None or event.tick <= one.last_tick)
        for one in scenario.occurrences
    )
