"""Knows how an `[[expect]]` table becomes an occurrence or a look; it must not know how either is judged."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from pumpbench.firmware_emu.events import EVENTS
from pumpbench.hil.scenario.duration import EXAMPLE, format_duration, parse_duration
from pumpbench.hil.scenario.model import Look, Occurrence
from pumpbench.hil.scenario.problem import Findings, Path
from pumpbench.hil.scenario.values import VALUES, Value
from pumpbench.hil.spelling import nearest
from pumpbench.protocol.codes import Alarm, Event, FluidKind, Refusal, ResetCause, Role, TherapyState, ToneClass
from pumpbench.protocol.layout import Codes
from pumpbench.protocol.limits import TICKS_PER_DAY

# An event's argument of this name is a number of this list (firmware_emu/events.py).
ARGUMENT_CODES: dict[str, type[Codes]] = {
    "alarm": Alarm,
    "cause": ResetCause,
    "kind": FluidKind,
    "refusal": Refusal,
    "role": Role,
    "state": TherapyState,
    "state_before": TherapyState,
    "tone_class": ToneClass,
}
_FACTS = {fact.code: fact for fact in EVENTS}
_OF_TIMES = ("by", "between", "never", "exactly")
_OF_LOOKS = ("at", "equals", "about", "tolerance", "at_most")


class Expectations:
    """Reads `[[expect]]` tables. `midnight_tick`: tick of a date's midnight, from days since 2000-01-01."""

    def __init__(self, findings: Findings, midnight_tick: Any) -> None:
        self.findings = findings
        self.midnight_tick = midnight_tick

    def occurrence(self, raw: Mapping[str, Any], path: Path) -> Occurrence | None:
        """None where a problem was said."""
        before = len(self.findings.problems)
        self._refuse_keys(raw, _OF_LOOKS, path, "goes with `value`")
        code, arg_0, arg_1, what = self._subject(raw, path)
        least, most = self._counts(raw, path)
        first, last = raw["between"] or (0, raw["by"])
        if last is not None and first > last:
            self.findings.say((*path, "between"), "the first time is later than the last; expected the earlier one first")
        if raw["between"] and raw["by"] is not None:
            self.findings.say(path, "has by and between; expected one of them")
        if len(self.findings.problems) > before:
            return None
        return Occurrence(self.findings.line_of(path), what, code, arg_0, arg_1, first, last, least, most, raw["note"] or "")

    def _subject(self, raw: Mapping[str, Any], path: Path) -> tuple[int, int | None, int | None, str]:
        for key, code in (("alarm", Event.ALARM_RAISED), ("alarm_cleared", Event.ALARM_CLEARED)):
            if raw[key] is not None:
                self._refuse_keys(raw, ("arg_0", "arg_1"), path, "goes with `event`")
                return code, raw[key], None, f"{key.replace('_', ' ')} {Alarm.name_of(raw[key])}"
        code = raw["event"]
        arg_0, arg_1 = (self._argument(raw, code, name, path) for name in ("arg_0", "arg_1"))
        shown = " ".join(str(raw[name]) for name in ("arg_0", "arg_1") if raw[name] is not None)
        return code, arg_0, arg_1, f"event {Event.name_of(code)} {shown}".rstrip()

    def _argument(self, raw: Mapping[str, Any], code: int, name: str, path: Path) -> int | None:
        given = raw[name]
        if given is None or type(given) is int:
            return given
        means = getattr(_FACTS[code], name)
        codes = ARGUMENT_CODES.get(means)
        if codes is None:
            self.findings.say((*path, name), f"{given!r}; expected a whole number ({means})")
            return None
        names = dict(codes.items())
        if given not in names:
            self.findings.say((*path, name), f"{given!r} is no {means}; {nearest(str(given), names)}")
        return names.get(given)

    def _counts(self, raw: Mapping[str, Any], path: Path) -> tuple[int, int | None]:
        said = [name for name in ("never", "exactly", "at_least") if raw[name] is not None]
        if len(said) > 1:
            self.findings.say(path, f"has {' and '.join(said)}; expected one of them")
        if raw["never"]:
            return 0, 0
        if raw["exactly"] is not None:
            return raw["exactly"], raw["exactly"]
        if raw["at_least"] is not None and type(raw["at_least"]) is not int:
            self.findings.say((*path, "at_least"), f"{raw['at_least']!r}; expected a whole number")
            return 1, None
        return raw["at_least"] or 1, None

    def look(self, raw: Mapping[str, Any], path: Path, given: Mapping[str, Any]) -> Look | None:
        """None where a problem was said."""
        before = len(self.findings.problems)
        name = list(VALUES)[raw["value"]]
        self._refuse_keys(raw, (*_OF_TIMES, "arg_0", "arg_1"), path, "goes with `alarm` or `event`")
        if "at" not in given:
            self.findings.say(path, "lacks at (when to look; 'end' for the end)")
        word, low, high = self._bounds(raw, VALUES[name], path)
        if len(self.findings.problems) > before:
            return None
        return Look(self.findings.line_of(path), name, raw["at"], word, low, high, raw["note"] or "")

    def _bounds(self, raw: Mapping[str, Any], value: Value, path: Path) -> tuple[str | None, int | None, int | None]:
        said = [name for name in ("equals", "about", "at_least", "at_most") if raw[name] is not None]
        if not said or ("equals" in said or "about" in said) and len(said) > 1:
            self.findings.say(path, "expected equals, or about with tolerance, or at_least and at_most")
            return None, None, None
        if value.codes is not None:
            return self._word(raw, value, path), None, None
        if raw["about"] is not None:
            middle, wide = self._span(raw, "about", value, path), self._size(raw, "tolerance", value, path)
            return None, middle[0] - wide, middle[1] + wide
        if raw["equals"] is not None:
            return (None, *self._span(raw, "equals", value, path))
        low = self._span(raw, "at_least", value, path)[0] if raw["at_least"] is not None else None
        high = self._span(raw, "at_most", value, path)[1] if raw["at_most"] is not None else None
        return None, low, high

    def _word(self, raw: Mapping[str, Any], value: Value, path: Path) -> str | None:
        assert value.codes is not None, "only a code has names"
        given = raw["equals"]
        names = [name for name, _ in value.codes.items()]
        if not isinstance(given, str):
            self.findings.say(path, f"expected equals and a name: {', '.join(names)}")
            return None
        many = value.sort == "names"
        for one in given.split() if many and given != "none" else [] if many else [given]:
            if one not in names:
                self.findings.say((*path, "equals"), f"{one!r} is no name known here; {nearest(one, names)}")
        return given

    def _span(self, raw: Mapping[str, Any], key: str, value: Value, path: Path) -> tuple[int, int]:
        """Lowest and highest number that the key stands for; a date stands for its whole day."""
        given = raw[key]
        if value.sort == "time" and isinstance(given, datetime.date):
            midnight = self.midnight_tick((given - datetime.date(2000, 1, 1)).days)
            return midnight, midnight + TICKS_PER_DAY - 1
        size = self._size(raw, key, value, path)
        return size, size

    def _size(self, raw: Mapping[str, Any], key: str, value: Value, path: Path) -> int:
        given = raw[key]
        if given is None:
            self.findings.say(path, f"lacks {key} (how far off it may be)")
            return 0
        if value.sort == "number" and type(given) is int:
            return given
        if value.sort == "time" and isinstance(given, str):
            try:
                return parse_duration(given)
            except ValueError as error:
                self.findings.say((*path, key), f"{given!r}: {error}")
                return 0
        expected = f"{EXAMPLE}, or a date" if value.sort == "time" else "a whole number"
        self.findings.say((*path, key), f"{given!r}; expected {expected}")
        return 0

    def _refuse_keys(self, raw: Mapping[str, Any], keys: tuple[str, ...], path: Path, why: str) -> None:
        for key in keys:
            if raw[key] is not None:
                self.findings.say((*path, key), f"{why}; leave it out here")


def said(occurrence: Occurrence) -> str:
    """What an occurrence expects, for a report: `once or more, 30d .. 31d`."""
    least, most = occurrence.least, occurrence.most
    often = "never" if most == 0 else f"exactly {least}" if least == most else f"at least {least}"
    last = "end" if occurrence.last_tick is None else format_duration(occurrence.last_tick)
    return f"{often}, {format_duration(occurrence.first_tick)} .. {last}"
