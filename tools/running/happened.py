"""Knows how a run is told in tables: what happened, how the pump stands, what was expected; it must not give the verdict."""

from collections.abc import Iterator, Sequence
from typing import Final

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rig import Stamped
from pumpbench.hil.scenario.check import Outcome as Judged
from pumpbench.hil.scenario.result import AlarmSeen, ScenarioResult
from pumpbench.protocol.codes import Alarm, Event, TherapyState
from pumpbench.protocol.limits import PL_PER_NL, Q_PER_NL, STEP_NL
from pumpbench.tools.running.event_log import FACTS, said
from pumpbench.tools.running.glance import millilitres
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import Calendar, format_duration

ROWS_MAX: Final = 40
FG_PER_NG: Final = 1_000_000
# In the log, but said already by another row.
SAID_ELSEWHERE: Final = {Event.BOLUS_ENDED, Event.UPDATE_STARTED, Event.ALARM_CLEARED, Event.RESUMED}
MARKS: Final = {Judged.MET: "met", Judged.MISSED: "MISSED"}


def told(outcome: Outcome) -> Iterator[str]:
    """The tables of one run, a line each."""
    yield f"{outcome.scenario.title} ({outcome.scenario.source}, {outcome.topology} with {outcome.target})"
    if outcome.result is None or outcome.pump is None:
        return
    calendar = Calendar.of(outcome.scenario.start)
    yield from _section("what happened", _events(outcome.events, outcome.result.alarms, outcome.ticks, calendar))
    yield from _section("how the pump stands", _standing(outcome.pump))
    yield from _section("what was expected", _expected(outcome.result))


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"{title}: nothing" if not lines else title
    yield from (f"  {line}" for line in lines)


def _events(events: Sequence[Stamped], alarms: Sequence[AlarmSeen], end_tick: int, calendar: Calendar) -> list[str]:
    rows = [_row(group, calendar) for group in _groups(events) if group[0].code != Event.ALARM_RAISED] + [
        _alarm_row(alarm, end_tick, calendar) for alarm in alarms
    ]
    rows.sort(key=lambda row: row[0])
    left = len(rows) - ROWS_MAX
    lines = text_table(("when", "date", "what", "detail"), [row[1:] for row in rows[:ROWS_MAX]])
    return lines + ([f"... and {left} more, all in the event log"] if left > 0 else [])


Row = tuple[int, str, str, str, str]


def _groups(events: Sequence[Stamped]) -> list[list[Stamped]]:
    """Events that say the same belong together: a daily bolus is one row, not ninety."""
    groups: dict[tuple[int, str], list[Stamped]] = {}
    for event in events:
        fact = FACTS.get(event.code)
        if (fact is not None and fact.logged and event.code not in SAID_ELSEWHERE) or event.code == Event.RESET:
            groups.setdefault((event.code, said(event).partition(",")[0]), []).append(event)
    return list(groups.values())


def _row(group: list[Stamped], calendar: Calendar) -> Row:
    first, last = group[0], group[-1]
    name = Event.name_of(first.code).replace("_", " ")
    often = f"; {len(group)} times, last at {format_duration(last.tick)}" if len(group) > 1 else ""
    return first.tick, format_duration(first.tick), calendar.said(first.tick), name, said(first) + often


def _alarm_row(alarm: AlarmSeen, end_tick: int, calendar: Calendar) -> Row:
    tick, cleared = alarm.raised_tick, alarm.cleared_tick
    # Raised on the way to a difference, it comes after the end, which is where both last agreed.
    lasted = format_duration(max(tick, end_tick if cleared is None else cleared) - tick)
    ending = f"stands, {lasted} so far" if cleared is None else f"for {lasted}"
    return tick, format_duration(tick), calendar.said(tick), "ALARM", f"{Alarm.name_of(alarm.alarm).replace('_', ' ')}, {ending}"


def _standing(pump: Pump) -> list[str]:
    plant, durable = pump.plant, pump.durable
    rows = [
        ("reservoir", millilitres(plant.reservoir_true_pl // PL_PER_NL), millilitres(durable.reservoir_estimated_nl)),
        ("delivered", millilitres(plant.delivered_pl // PL_PER_NL), millilitres(durable.step_count * STEP_NL)),
        ("drug delivered", f"{plant.delivered_fg // FG_PER_NG / 1000:,.1f} ug", ""),
        ("commanded", "", millilitres(durable.commanded_q // Q_PER_NL)),
        ("battery", f"{100 * plant.charge_nc / pump.config.battery_capacity_nc:.1f} %", _sampled(pump)),
        ("therapy", "", TherapyState.name_of(durable.therapy_state).replace("_", " ")),
    ]
    return text_table(("", "truth", "as the pump knows it"), rows)


def _sampled(pump: Pump) -> str:
    return f"{pump.controller.battery_mv} mV" if pump.controller.battery_mv else "not sampled"


def _expected(result: ScenarioResult) -> list[str]:
    rows = [
        (MARKS[check.outcome], str(check.line) if check.line else "-", check.what, check.expected, check.seen)
        for check in result.checks
        if check.outcome in MARKS
    ]
    left = len(result.of(Judged.NOT_REACHED))
    lines = text_table(("", "line", "what", "expected", "seen"), rows, right=frozenset({1}))
    return lines + ([f"... and {left} that only a longer run can judge"] if left else [])
