"""Shows a run on stderr while it lasts: drawn in place on a terminal, in plain lines elsewhere; it must not change the run."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Protocol

import click

from pumpbench.hil.rig import Rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.protocol.limits import TICKS_PER_SECOND
from pumpbench.tools.running.glance import Glance, micrograms, millilitres
from pumpbench.tools.when import Calendar, format_duration

LINE_EVERY_S: Final = 2.0
DRAW_EVERY_S: Final = 0.1


class Show(AbstractContextManager["Show"], Protocol):
    """Something to look at; `see` is called for a new glance, `speedup` is pump time for each second."""

    every_s: float

    def see(self, glance: Glance, speedup: float) -> None: ...


class PlainShow:
    """A line now and then, for a log or a pipe."""

    every_s = LINE_EVERY_S

    def __init__(self, scenario: Scenario, end_tick: int, target: str) -> None:
        self._calendar = Calendar.of(scenario.start)
        self._end_tick = end_tick
        click.echo(f"{scenario.title}: {format_duration(end_tick)}, {target}", err=True)

    def see(self, glance: Glance, speedup: float) -> None:
        alarms = ", ".join(glance.alarms) or "none"
        done = f"{100 * glance.tick // self._end_tick:>3} %"
        click.echo(
            f"  {self._calendar.said(glance.tick)}  {done}  dose 24 h {micrograms(glance.dose_ng)}"
            f"  reservoir {millilitres(glance.reservoir_true_nl)} (estimated {millilitres(glance.reservoir_estimated_nl)})"
            f"  battery {glance.battery_mv or '-'} mV  alarms {alarms}  {speedup:,.0f}x",
            err=True,
        )

    def __enter__(self) -> "PlainShow":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        sys.stderr.flush()


def show_for(scenario: Scenario, end_tick: int, target: str) -> "Show":
    """What suits the stderr there is."""
    if not sys.stderr.isatty():
        return PlainShow(scenario, end_tick, target)
    # Late, because rich takes longer to load than all the rest together.
    from pumpbench.tools.running.live import LiveShow

    return LiveShow(scenario, end_tick, target)


def watch(show: Show, rig: Rig) -> Callable[[], None]:
    """What to call after each credit of `rig`; most calls cost one look at the clock."""
    start_s = shown_s = time.monotonic()

    def after_credit() -> None:
        nonlocal shown_s
        now_s = time.monotonic()
        if now_s - shown_s >= show.every_s:
            shown_s = now_s
            glance = Glance.at(rig.truth())
            show.see(glance, glance.tick / TICKS_PER_SECOND / (now_s - start_s))

    return after_credit
