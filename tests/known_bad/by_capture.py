"""Knows how a shipped recording judges a build: by a replay of it against the library; it reads no expectation."""

from functools import cache
from pathlib import Path

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.verdict import Verdict
from tests.known_bad.finding import Finding
from tests.known_bad.library_target import LibraryTarget

_loaded = cache(load)


def judged(path: Path, library: NativeLibrary) -> Finding | None:
    """The first frame that differs, and where; a verdict that is neither pass nor fail is a finding in no field of a frame."""
    with LibraryTarget(library) as target:
        try:
            result = replay_on(target, _loaded(path))
        except (RigBroken, LinkError) as problem:
            return Finding(0, ("answer",), str(problem))
    if result.verdict is Verdict.PASS:
        return None
    first = result.first_difference
    if result.verdict is not Verdict.FAIL or first is None:
        return Finding(0, (str(result.verdict),), result.reason)
    fields = tuple(f"{one.message}.{one.field}" for one in result.differences if one.tick == first.tick)
    return Finding(first.tick, fields, str(first))
