"""Knows every key a scenario may have, once: the loader reads by these tables and the JSON Schema is made from them."""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.scenario.acts_table import ACTS
from pumpbench.hil.scenario.kinds import (
    Choice,
    ClockTime,
    Date,
    Duration,
    DurationOrEnd,
    Key,
    ListOf,
    NumberOrName,
    Scalars,
    Table,
    Text,
    Whole,
    Yes,
)
from pumpbench.hil.scenario.values import VALUES
from pumpbench.hil.scenario.wire_table import WIRE
from pumpbench.protocol.codes import Alarm, Drug, Event, Model, Quirk, Refusal, Role
from pumpbench.protocol.layout import layout_of

FOREVER_TICKS: Final = 10**12
MONDAY: Final = 9_501
"""2026-01-05 in days since 2000-01-01: clock day 0 is a Monday."""

START: Final = Table(
    {
        "model": Key(Choice(dict(Model.items())), "reservoir size", Model.PUMP_20_ML),
        "serial": Key(Whole(), "serial number that sessions must name", 1),
        "implant_date": Key(Date(), "date of implant", MONDAY),
        "calendar_date": Key(Date(), "date of clock day 0, a Monday", MONDAY),
        "drug": Key(Choice(dict(Drug.items())), "drug in the reservoir", Drug.BACLOFEN),
        "catheter_length_mm": Key(Whole(1_500), "implanted length", 700),
        "tubing_nl": Key(Whole(1_000_000), "internal tubing; unsourced", 200_000),
        "reservoir_nl": Key(Whole(40_000_000), "volume, true and estimated", 18_000_000),
        "reservoir_true_nl": Key(Whole(40_000_000), "what is in it, where that differs"),
        "reservoir_estimated_nl": Key(Whole(40_000_000), "what the pump believes, where that differs"),
        "concentration_ug_per_ml": Key(Whole(4_000), "of the drug in the reservoir", 500),
        "line_ug_per_ml": Key(Whole(4_000), "of what stands in the line; left out: as in the reservoir"),
        "clock_day": Key(Whole(65_535), "day of the pump's clock", 0),
        "clock_time": Key(ClockTime(), "time of day on the pump's clock", 8 * 60),
        "age": Key(Duration(hi=FOREVER_TICKS), "time since implant, on the pump's own count", 0),
        "charge_percent": Key(Whole(100, 1), "battery charge in percent of its capacity", 100),
    },
    "the pump before the first tick",
)


def _config() -> Table:
    keys = {}
    for one in layout_of(Config):
        if one.name != "quirks":
            kind = Duration(one.lo, one.hi) if one.unit == "ticks" else Whole(one.hi, one.lo)
            keys[one.name] = Key(kind, one.doc)
    return Table(keys, "constants of the pump that differ from their defaults; times carry their unit")


CONFIG: Final = _config()

_COMMON = {
    "at": Key(Duration(), "when, from the start", required=True),
    "every": Key(Duration(1), "repeat after this span"),
    "until": Key(Duration(), "repeat while not later than this"),
    "count": Key(Whole(1_000_000, 1), "repeat until done so often"),
    "role": Key(Choice({"clinician": Role.CLINICIAN, "patient": Role.PATIENT}), "whose session; left out: as the act needs"),
    "refused": Key(Choice(dict(Refusal.items())), "the refusal that must answer; left out: none may"),
    "any_answer": Key(Yes(), "any answer is right, a refusal and silence too"),
    "no_reply": Key(Yes(), "the link is lost and no answer may come"),
    "twice": Key(Yes(), "the same request comes again with the same id, as after a lost reply"),
    "reply": Key(Scalars(), "fields the last reply must have"),
    "note": Key(Text(), "why, for the reader"),
}

STEP: Final = Table({**_COMMON, **ACTS}, "something that happens: a time and exactly one act", tuple(ACTS))

_OCCURRENCE = {
    "alarm": Key(Choice(dict(Alarm.items())), "an alarm is raised"),
    "alarm_cleared": Key(Choice(dict(Alarm.items())), "an alarm clears"),
    "event": Key(Choice(dict(Event.items())), "an event is emitted"),
    "value": Key(Choice({name: index for index, name in enumerate(VALUES)}), "a value is looked at; needs `at`"),
}

EXPECT: Final = Table(
    {
        **_OCCURRENCE,
        "arg_0": Key(NumberOrName(), "event: its first argument, a number or a name of its code list"),
        "arg_1": Key(NumberOrName(), "event: its second argument"),
        "by": Key(Duration(), "the latest time at which it may first happen"),
        "between": Key(ListOf(Duration(), 2, 2), "the first and the last time at which it may happen"),
        "never": Key(Yes(), "it must not happen"),
        "exactly": Key(Whole(1_000_000, 1), "how often it happens"),
        "at_least": Key(NumberOrName(), "least count of it, or least value"),
        "at_most": Key(NumberOrName(), "greatest value"),
        "at": Key(DurationOrEnd(), "value: when to look, after the steps of that instant"),
        "equals": Key(NumberOrName(), "value: exactly this"),
        "about": Key(NumberOrName(), "value: this, give or take `tolerance`"),
        "tolerance": Key(NumberOrName(), "value: how far `about` may be off, in the value's own unit"),
        "note": Key(Text(), "why, for the reader"),
    },
    "what must come of it",
    tuple(_OCCURRENCE),
)

SCENARIO: Final = Table(
    {
        "title": Key(Text(), "one line that says what happens", required=True),
        "why": Key(Text(), "what the scenario shows, and with what arithmetic"),
        "sources": Key(ListOf(Text()), "source ids of firmware_emu/SOURCES.md, or 'unsourced'", required=True),
        "until": Key(Duration(1), "how long it runs", required=True),
        "quirks": Key(ListOf(Choice(dict(Quirk.items()))), "documented misbehaviour that is switched on", ()),
        "allow_alarms": Key(ListOf(Choice(dict(Alarm.items()))), "alarms that may come without an expectation", ()),
        "start": Key(START, "the pump before the first tick", {}),
        "config": Key(CONFIG, "constants that differ from their defaults", {}),
        "wire": Key(WIRE, WIRE.doc),
        "step": Key(ListOf(STEP), "what happens, in any order of time", ()),
        "expect": Key(ListOf(EXPECT), "what must come of it", ()),
    },
    "A pumpbench scenario.",
)
