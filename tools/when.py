"""Knows how pump time is written for people: spans, and dates counted from the start of a run; it asks no clock."""

import datetime
from dataclasses import dataclass
from typing import Final

from pumpbench.hil.scenario.duration import format_duration
from pumpbench.protocol.limits import TICK_MS
from pumpbench.protocol.messages import ResetToStart

EPOCH: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

__all__ = ["Calendar", "format_duration"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The date of a tick, from the pump's clock at its start; that is the bench's own count, whatever is done to the clock later.

    A pump knows no zone: neither does the date.
    """

    origin_day: int
    start_ticks: int

    @classmethod
    def of(cls, start: ResetToStart) -> "Calendar":
        return cls(start.calendar_origin_day + start.clock_day, start.clock_day_ticks)

    def at(self, tick: int) -> datetime.datetime:
        milliseconds = (self.start_ticks + tick) * TICK_MS
        return EPOCH + datetime.timedelta(days=self.origin_day, milliseconds=milliseconds)

    def said(self, tick: int) -> str:
        """`Mon 2026-01-05 08:00`."""
        return f"{self.at(tick):%a %Y-%m-%d %H:%M}"
