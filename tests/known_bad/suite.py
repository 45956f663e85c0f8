"""Knows every check that a build of the firmware must pass, by name; it must not know any defect."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final, NamedTuple

from pumpbench.hil.conformance import select
from pumpbench.hil.conformance.timelines.cases import paths, read_case
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.scenario.shipped import load, shipped_names
from pumpbench.tools.captures.origin import capture_of, read_origin
from pumpbench.tools.captures.plan import NATIVE, PLAN
from tests.known_bad import by_capture, by_check, by_cut, by_timeline, by_twin
from tests.known_bad.finding import Finding
from tests.known_bad.scripts import SCRIPTS
from tests.power_cuts.stories import STORIES
from tests.support import ROOT

CAPTURES: Final = ROOT / "fixtures" / "captures"
# Seven years of every tick take minutes; nothing here is found by them alone.
TOO_LONG: Final = {"standard_seven_years"}
CAPTURE: Final = "capture "
"""The kind of check that a shipped recording is."""
LONG_TICKS: Final = 5_000_000
"""What a check of the gate may let pass, unless a defect names it."""


class Entry(NamedTuple):
    """A check of the suite; `ticks` about how many it lets pass."""

    judge: Callable[[NativeLibrary], Finding | None]
    ticks: int


@cache
def suite() -> dict[str, Entry]:
    """By name: the kind of check, a blank, which one."""
    return dict([*_timelines(), *_checks(), *_twins(), *_scripts(), *_cuts(), *_captures()])


def short_suite() -> tuple[str, ...]:
    """The names of those that take little, but for recordings: a build without a fault meets each of them elsewhere."""
    return tuple(name for name, entry in suite().items() if entry.ticks <= LONG_TICKS and not name.startswith(CAPTURE))


def _timelines() -> Iterator[tuple[str, Entry]]:
    for case in map(read_case, paths()):
        yield f"timeline {case.name}", Entry(partial(by_timeline.judged, case), case.end_tick)


def _checks() -> Iterator[tuple[str, Entry]]:
    """The conformance suite, but what plays the same timelines, and what waits for a clock that a library has not."""
    for one in select():
        if one.group != "timeline" and not one.needs:
            yield f"check {one.id}", Entry(partial(by_check.judged, one), one.ticks)


def _twins() -> Iterator[tuple[str, Entry]]:
    for name in shipped_names():
        if name not in TOO_LONG:
            scenario = load(name)
            yield f"twin {name}", Entry(partial(by_twin.scenario_judged, scenario), scenario.until_tick)


def _scripts() -> Iterator[tuple[str, Entry]]:
    for name, acts in SCRIPTS.items():
        yield f"script {name}", Entry(partial(by_twin.acts_judged, acts), 0)


def _cuts() -> Iterator[tuple[str, Entry]]:
    for story in STORIES:
        yield f"cut {story.name}", Entry(partial(by_cut.judged, story), 0)


def _captures() -> Iterator[tuple[str, Entry]]:
    """Shipped recordings that a build without a fault passes."""
    for name, planned in PLAN.items():
        if planned.expected[NATIVE] == "pass":
            path = capture_of(CAPTURES, name)
            yield f"{CAPTURE}{name}", Entry(partial(by_capture.judged, path), read_origin(CAPTURES, name)["last_tick"])
