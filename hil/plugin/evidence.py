"""What a report of a pump test carries: target, seed, recording, where the sides parted, what to type; it judges nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from pumpbench.hil.divergence import Divergence
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.scenario.duration import format_duration

FIELDS_MAX = 10
"""Differing fields that a report shows; the recording has them all."""


def facts_of(run: Run, node: str) -> Iterator[tuple[str, str]]:
    """Name and text of each fact that is known. `node`: the test as it has to be typed."""
    yield "target", run.target
    yield "topology", run.topology
    yield "seed", str(run.seed)
    yield "reached", f"tick {run.tick} ({format_duration(run.tick)})" if run.result is None else _ran(run.result.ticks)
    if run.capture is not None and run.capture.exists():
        yield "capture", str(run.capture)
    yield from _difference(run)
    yield "reproduce", f"pytest {shlex.quote(node)} --pump-target {shlex.quote(run.target)} --pump-seed {run.seed}"
    if run.capture is not None and run.capture.exists():
        yield "step", f"pumpbench step {shlex.quote(str(run.capture))} --at {_place(run)}t"


def text_of(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name.replace('_', ' '):<17} {text}" for name, text in facts)


def _difference(run: Run) -> Iterator[tuple[str, str]]:
    if run.result is None or run.result.first_difference is None:
        return
    found = run.result.divergence
    if not isinstance(found, Divergence):
        yield "first_difference", str(run.result.first_difference)
        return
    yield "first_difference", found.headline or str(found.difference or found)
    yield "agreed", f"last at tick {found.agreed_tick}"
    for field in found.fields[:FIELDS_MAX]:
        pairs = ", ".join(f"{one} | {other}" for one, other in zip(field.theirs, field.ours, strict=True))
        yield "field", f"{field.name} [{field.unit}] target | reference: {pairs}"


def _place(run: Run) -> int:
    """The tick before which nothing differs; where nothing does, the last one reached."""
    result = run.result
    if result is None:
        return run.tick
    found = result.divergence
    if isinstance(found, Divergence) and found.place is not None:
        return max(0, found.place.tick - (found.place.act is None))
    return result.ticks if result.first_difference is None else result.first_difference.tick


def _ran(ticks: int) -> str:
    return f"tick {ticks} ({format_duration(ticks)})"
