"""Draws the README's picture of a run from a run that it makes; what it shows is what was printed."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from pumpbench.tools.running.glance import Glance
from pumpbench.tools.running.happened import told
from pumpbench.tools.running.live import LiveShow
from pumpbench.tools.running.one import run_one
from pumpbench.tools.running.plan import Flags, plan_of
from pumpbench.tools.running.progress import watch
from pumpbench.tools.running.summing_up import summed_up
from pumpbench.tools.settings import Settings

WIDTH: Final = 132
SHOWN_AT: Final = 0.7
"""How far into the run the panel is taken."""
OUTSIDE: Final = r"@font-face \{[^}]*\}"
"""Fonts that the picture would fetch from elsewhere: a reader's own will do."""


def draw(path: Path) -> int:
    """Runs the default scenario, writes the picture, and gives the verdict's exit code."""
    plan = plan_of(Flags(), Settings())
    [scenario] = plan.scenarios
    kept = _Kept(int(SHOWN_AT * scenario.until_tick))
    outcome = run_one(plan, scenario, lambda rig: watch(kept, rig))
    assert kept.seen is not None, "the run ended before the moment that is shown"
    console = Console(record=True, width=WIDTH, file=sys.stderr, force_terminal=True)
    console.print("$ make run")
    console.print(LiveShow(scenario, scenario.until_tick, f"{plan.topology} with {plan.target.name}").panel(*kept.seen))
    _print(console, ["", *told(outcome)])
    _print(console, ["", *summed_up(outcome)])
    path.parent.mkdir(exist_ok=True)
    drawn = re.sub(OUTSIDE, "", console.export_svg(title="pumpbench", unique_id="run"))
    # Some viewers would drop the spaces that columns begin with.
    path.write_text(drawn.replace("<svg ", '<svg xml:space="preserve" ', 1))
    return outcome.verdict.exit_code


class _Kept:
    """A show that keeps what a person would have seen at one moment."""

    every_s = 0.0

    def __init__(self, from_tick: int) -> None:
        self.from_tick = from_tick
        self.seen: tuple[Glance, float] | None = None

    def see(self, glance: Glance, speedup: float) -> None:
        if self.seen is None and glance.tick >= self.from_tick:
            self.seen = glance, speedup

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _print(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(Text.from_ansi(line), soft_wrap=False)


if __name__ == "__main__":
    to = Path(sys.argv[1])
    sys.argv[0] = ".venv/bin/pumpbench"  # so does `make run`, which the picture shows, call itself
    sys.exit(draw(to))
