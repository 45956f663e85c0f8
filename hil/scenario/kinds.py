"""Knows what a value in a scenario may look like, to a reader and to a JSON Schema; it must not know any key by name."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pumpbench.hil.scenario.duration import CLOCK_PATTERN, EXAMPLE, PATTERN, format_duration, parse_clock, parse_duration
from pumpbench.hil.scenario.problem import Findings, Path
from pumpbench.hil.spelling import is_near, nearest

MISSING: Final = object()
"""What reading gives where a problem was said; never None, which is a value."""

Schema = dict[str, Any]


class Kind(Protocol):
    """One sort of value: `read` gives the value in the pump's units or says a problem and gives MISSING."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any: ...

    def schema(self) -> Schema: ...


def _wrong(raw: object, expected: str, path: Path, findings: Findings) -> Any:
    findings.say(path, f"{_shown(raw)}; expected {expected}")
    return MISSING


def _shown(raw: object) -> str:
    text = str(raw).lower() if isinstance(raw, bool) else str(raw) if isinstance(raw, datetime.date) else repr(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True, slots=True)
class Text:
    """Any words."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        return raw if isinstance(raw, str) and raw.strip() else _wrong(raw, "words in quotes", path, findings)

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within `lo..hi`; its unit stands in the key."""

    hi: int = 0xFFFF_FFFF
    lo: int = 0

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if type(raw) is int and self.lo <= raw <= self.hi:
            return raw
        return _wrong(raw, f"a whole number {self.lo}..{self.hi}", path, findings)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.lo, "maximum": self.hi}


@dataclass(frozen=True, slots=True)
class Yes:
    """A key that only ever says true; to say no, leave it out."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        return True if raw is True else _wrong(raw, "true, or the key left out", path, findings)

    def schema(self) -> Schema:
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Choice:
    """One name out of a code list; reads as its number."""

    members: Mapping[str, int]

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if isinstance(raw, str) and raw in self.members:
            return self.members[raw]
        hint = nearest(raw, self.members) if isinstance(raw, str) else f"expected one of {', '.join(self.members)}"
        findings.say(path, f"{_shown(raw)} is no name known here; {hint}")
        return MISSING

    def schema(self) -> Schema:
        return {"enum": list(self.members)}


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words; reads as itself."""

    words: tuple[str, ...]

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        number = Choice({word: index for index, word in enumerate(self.words)}).read(raw, path, findings)
        return MISSING if number is MISSING else raw

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Duration:
    """A span that carries its units; reads as ticks within `lo..hi`."""

    lo: int = 0
    hi: int = 0xFFFF_FFFF

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if not isinstance(raw, str):
            what = f"{_shown(raw)} has no unit" if isinstance(raw, int | float) else _shown(raw)
            findings.say(path, f"{what}; expected {EXAMPLE}")
            return MISSING
        try:
            ticks = parse_duration(raw)
        except ValueError as error:
            findings.say(path, f"{_shown(raw)}: {error}")
            return MISSING
        if self.lo <= ticks <= self.hi:
            return ticks
        return _wrong(raw, f"{format_duration(self.lo)} .. {format_duration(self.hi)}", path, findings)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": PATTERN, "examples": ["90d", "3d 12h", "30s", "250t"]}


@dataclass(frozen=True, slots=True)
class DurationOrEnd:
    """A span from the start, or the word `end`; the end reads as None."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        return None if raw == "end" else Duration().read(raw, path, findings)

    def schema(self) -> Schema:
        return {"anyOf": [{"const": "end"}, Duration().schema()]}


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day such as `06:30`; reads as minutes."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        try:
            return parse_clock(raw if isinstance(raw, str) else "")
        except ValueError as error:
            findings.say(path, f"{_shown(raw)}: {error}")
            return MISSING

    def schema(self) -> Schema:
        return {"type": "string", "pattern": CLOCK_PATTERN, "examples": ["06:30"]}


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date, 2000-01-01 or later, unquoted as TOML has it; reads as days since then."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime) and raw.year >= 2000:
            return (raw - datetime.date(2000, 1, 1)).days
        return _wrong(raw, "a date from 2000-01-01 on, without quotes: 2026-01-05", path, findings)

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one sort; reads as a tuple."""

    of: Kind
    least: int = 0
    most: int = 1_000_000

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if not isinstance(raw, list):
            return _wrong(raw, "a list in [ ]", path, findings)
        if not self.least <= len(raw) <= self.most:
            return _wrong(raw, f"{self.least} to {self.most} of them, not {len(raw)}", path, findings)
        values = [self.of.read(value, (*path, index), findings) for index, value in enumerate(raw)]
        return MISSING if MISSING in values else tuple(values)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.of.schema(), "minItems": self.least, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Scalars:
    """A table of any names to whole numbers or words, for example the fields of a reply."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if not isinstance(raw, dict):
            return _wrong(raw, "a table in { }", path, findings)
        wrong = [name for name, value in raw.items() if type(value) is not int and not isinstance(value, str)]
        for name in wrong:
            _wrong(raw[name], "a whole number or a name", (*path, name), findings)
        return MISSING if wrong else dict(raw)

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}


@dataclass(frozen=True, slots=True)
class NumberOrName:
    """A whole number, a name, a duration or a date, taken as it stands; what it must be depends on another key."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if type(raw) is int or isinstance(raw, str | datetime.date):
            return raw
        return _wrong(raw, "a whole number, a name, a duration or a date", path, findings)

    def schema(self) -> Schema:
        return {"type": ["integer", "string"]}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: its sort, what it is for, and its default where it is left out."""

    kind: Kind
    doc: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Named keys; reads as a dict that has every key, defaults included."""

    keys: Mapping[str, Key]
    doc: str = ""
    one_of: tuple[str, ...] = field(default=())
    """Exactly one of these must stand."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if not isinstance(raw, dict):
            return _wrong(raw, "a table", path, findings)
        before = len(findings.problems)
        self._unknown(raw, path, findings)
        values = {name: self._one(name, raw, path, findings) for name in self.keys}
        self._exactly_one(raw, path, findings)
        return MISSING if len(findings.problems) > before else values

    def _one(self, name: str, raw: dict[str, object], path: Path, findings: Findings) -> Any:
        key = self.keys[name]
        if name in raw:
            return key.kind.read(raw[name], (*path, name), findings)
        if key.required and not any(is_near(given, name) for given in raw if given not in self.keys):
            findings.say(path, f"lacks {name} ({key.doc})")
        return key.default

    def _unknown(self, raw: dict[str, object], path: Path, findings: Findings) -> None:
        for name in raw:
            if name not in self.keys:
                findings.say((*path, name), f"unknown key; {nearest(name, self.keys)}")

    def _exactly_one(self, raw: dict[str, object], path: Path, findings: Findings) -> None:
        there = [name for name in self.one_of if name in raw]
        if len(there) > 1:
            findings.say(path, f"has {' and '.join(there)}; expected one of them")
        # With none, a misspelt one has been said already.
        elif self.one_of and not there and all(name in self.keys for name in raw):
            findings.say(path, f"says nothing that happens; expected one of {', '.join(self.one_of[:4])} ...")

    def schema(self) -> Schema:
        made: Schema = {
            "type": "object",
            "properties": {name: {"description": key.doc, **key.kind.schema()} for name, key in self.keys.items()},
            "additionalProperties": False,
        }
        required = [name for name, key in self.keys.items() if key.required]
        if self.doc:
            made["description"] = self.doc
        if required:
            made["required"] = required
        if self.one_of:
            made["oneOf"] = [{"required": [name]} for name in self.one_of]
        return made
