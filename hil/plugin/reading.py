"""Turns what a pump says into names and numbers that a test can compare; it asks nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from pumpbench.firmware_emu.events import EVENTS
from pumpbench.hil.scenario.expectations import ARGUMENT_CODES
from pumpbench.protocol.codes import Alarm, Event
from pumpbench.protocol.layout import Field, layout_of

_FACTS: Final = {fact.code: fact for fact in EVENTS}


class Reading(SimpleNamespace):
    """A message with its fields by name: a code is its name, flags are a set of names, anything else is as it came."""


def reading_of(message: Any) -> Reading:
    """Items of a tail, such as flex steps, are readings too."""
    layout = layout_of(type(message))
    made = Reading(**{one.name: _plain(one, getattr(message, one.name)) for one in layout.fields})
    if layout.tail is not None:
        items = getattr(message, layout.tail.name)
        setattr(made, layout.tail.name, items if isinstance(items, bytes) else [reading_of(item) for item in items])
    return made


def event_reading(code: int, arg_0: int, arg_1: int, **more: Any) -> Reading:
    """An event with its arguments under their own names: `event="alarm_raised", alarm="low_reservoir"`."""
    fact = _FACTS.get(code)
    names = (fact.arg_0, fact.arg_1) if fact else ("arg_0", "arg_1")
    arguments = {name: _argument(name, value) for name, value in zip(names, (arg_0, arg_1), strict=True) if name != "-"}
    return Reading(**more, event=Event.name_of(code), **arguments)


def _argument(name: str, value: int) -> Any:
    if name == "alarms":
        return frozenset(Alarm.names_in(value))
    return ARGUMENT_CODES[name].name_of(value) if name in ARGUMENT_CODES else value


def _plain(one: Field, value: int) -> Any:
    if one.codes is not None:
        return one.codes.name_of(value)
    return frozenset(one.flags.names_in(value)) if one.flags is not None else value
