"""Knows what a scenario is once it has been read: plain data in the pump's own units; it must not know TOML or a rig."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pumpbench.hil.wire import Wire
from pumpbench.protocol.messages import ResetToStart


@dataclass(frozen=True, slots=True)
class Step:
    """One act and when; `number` counts from 1 in the file's order. `refused` is a code, None where none may come."""

    number: int
    line: int
    at_tick: int
    act: str
    arguments: Any
    role: int | None = None
    every_ticks: int | None = None
    until_tick: int | None = None
    count: int | None = None
    refused: int | None = None
    any_answer: bool = False
    no_reply: bool = False
    twice: bool = False
    reply: Mapping[str, int | str] = field(default_factory=dict)
    note: str = ""

    def ticks(self, until_tick: int) -> Iterator[int]:
        """The ticks at which it happens, not later than the end of the run."""
        last = until_tick if self.until_tick is None else min(self.until_tick, until_tick)
        tick, done = self.at_tick, 0
        while tick <= last and (self.count is None or done < self.count):
            yield tick
            if self.every_ticks is None:
                return
            tick, done = tick + self.every_ticks, done + 1


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something must happen between `first_tick` and `last_tick` (None: the end), `least` to `most` times."""

    line: int
    what: str
    code: int
    arg_0: int | None
    arg_1: int | None
    first_tick: int
    last_tick: int | None
    least: int
    most: int | None
    note: str = ""

    def matches(self, code: int, arg_0: int, arg_1: int) -> bool:
        return code == self.code and self.arg_0 in (None, arg_0) and self.arg_1 in (None, arg_1)


@dataclass(frozen=True, slots=True)
class Look:
    """A value at a tick (None: the end) must be a name, or lie within `low..high` (None: no bound)."""

    line: int
    value: str
    at_tick: int | None
    name: str | None
    low: int | None
    high: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario; `text` is the document it was read from, which a capture carries."""

    source: str
    text: str
    title: str
    why: str
    sources: tuple[str, ...]
    until_tick: int
    config: Mapping[str, int]
    start: ResetToStart
    steps: tuple[Step, ...]
    occurrences: tuple[Occurrence, ...]
    looks: tuple[Look, ...]
    allow_alarms: frozenset[int]
    wire: Wire | None = None
    """What goes wrong with therapy frames on their way; None where nothing does."""
