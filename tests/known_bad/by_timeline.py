"""Knows how a hand-worked timeline judges a build; it plays nothing itself."""

from collections.abc import Iterator

from pumpbench.hil.conformance.timelines.cases import Case
from pumpbench.hil.conformance.timelines.machines import Machine, Native
from pumpbench.hil.conformance.timelines.player import disagreements
from pumpbench.hil.native import NativeLibrary
from tests.known_bad.finding import Finding, earliest


def judged(case: Case, library: NativeLibrary) -> Finding | None:
    """What the timeline has against the build."""
    return judged_on(case, Native(library))


def judged_on(case: Case, machine: Machine) -> Finding | None:
    """What the timeline has against the machine; one that breaks off has spoken against itself."""
    return earliest(_found(case, machine))


def _found(case: Case, machine: Machine) -> Iterator[tuple[int, str, str]]:
    tick = 0
    try:
        for one in disagreements(case, machine):
            tick = one.tick
            yield tick, one.field, str(one)
    except Exception as problem:
        yield tick, "broke off", f"{case.name}: {type(problem).__name__}: {problem}"
