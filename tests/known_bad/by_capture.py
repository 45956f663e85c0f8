"""Knows how a shipped recording judges a build: by a replay of it against the library; it reads no expectation."""

from pathlib import Path

from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.verdict import Verdict
from tests.known_bad.finding import Finding
from tests.known_bad.library_target import LibraryTarget


def judged(path: Path, library: NativeLibrary) -> Finding | None:
    """The first frame that differs; what its origin says of an undamaged recording holds for a build without a fault alone."""
    with LibraryTarget(library) as target:
        result = replay_on(target, load(path))
    if result.verdict is not Verdict.FAIL:
        return None
    first = result.differences[0]
    fields = tuple(f"{one.message}.{one.field}" for one in result.differences if one.tick == first.tick)
    return Finding(first.tick, fields, str(first))
