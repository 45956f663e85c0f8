"""Draws a running pump in place on a terminal; it must not decide what is worth seeing."""

from types import TracebackType
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pumpbench.hil.scenario.model import Scenario
from pumpbench.protocol.limits import TICKS_PER_HOUR
from pumpbench.tools.running.glance import Glance, micrograms, millilitres
from pumpbench.tools.when import Calendar, format_duration

WIDTH: Final = 76
NAME_WIDTH: Final = 19
BAR_WIDTH: Final = 30


class LiveShow:
    """A panel on stderr that stays where it is, and is gone when the run is over: the report then says it all."""

    every_s = 0.1

    def __init__(self, scenario: Scenario, end_tick: int, target: str) -> None:
        self._scenario = scenario
        self._calendar = Calendar.of(scenario.start)
        self._end_tick = end_tick
        self._target = target
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)

    def see(self, glance: Glance, speedup: float) -> None:
        self._live.update(self.panel(glance, speedup), refresh=True)

    def panel(self, glance: Glance, speedup: float) -> Panel:
        """One picture."""
        rows = _grid(3)
        rows.add_row("date", self._calendar.said(glance.tick), _bar(glance.tick, self._end_tick, "blue"))
        rows.add_row("therapy", glance.therapy.replace("_", " "), f"{micrograms(glance.dose_ng)} in 24 h")
        for name, nl in (("true", glance.reservoir_true_nl), ("estimated", glance.reservoir_estimated_nl)):
            rows.add_row(f"reservoir {name}", millilitres(nl), _bar(nl, glance.reservoir_capacity_nl, "cyan"))
        rows.add_row("battery", f"{glance.battery_mv} mV" if glance.battery_mv else "not sampled yet", "")
        hours = glance.tick - glance.tick % TICKS_PER_HOUR
        done = f"{format_duration(hours)} of {format_duration(self._end_tick)}"
        rows.add_row("speed", f"{speedup:,.0f} x real time", done)
        # A row of its own width, because several alarms are a long line.
        alarms = _grid(2)
        alarms.add_row("alarms", _alarms(glance))
        title, subtitle = Text(self._scenario.title), Text(self._target)
        return Panel(
            Group(rows, alarms),
            title=title,
            title_align="left",
            subtitle=subtitle,
            subtitle_align="right",
            width=WIDTH,
            border_style="dim",
        )

    def __enter__(self) -> "LiveShow":
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()


def _grid(columns: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", width=NAME_WIDTH)
    for _ in range(columns - 1):
        grid.add_column()
    return grid


def _bar(done: int, whole: int, colour: str) -> ProgressBar:
    return ProgressBar(total=max(1, whole), completed=done, width=BAR_WIDTH, complete_style=colour, finished_style=colour)


def _alarms(glance: Glance) -> Text:
    if not glance.alarms:
        return Text("none", style="green")
    return Text(", ".join(name.replace("_", " ") for name in glance.alarms), style="bold red")
