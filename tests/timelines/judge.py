"""Knows how to play timelines in a process of its own, so that the pump it imports may be one with a planted fault."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pumpbench.protocol
from pumpbench.hil.conformance.timelines.cases import paths, read_case
from pumpbench.hil.conformance.timelines.machines import Machine, Native, Reference
from pumpbench.hil.conformance.timelines.player import Disagreement, disagreements
from pumpbench.hil.native import NativeLibrary

# Exit codes; 1 is Python's own, for a pump that cannot even be imported.
AGREED, NOT_THIS_TREE, DISAGREED = 0, 2, 3
LONG_TICKS = 3_000_000
"""Longer timelines judge both sides elsewhere; a planted fault is to be caught quickly."""


def first_disagreement(library: NativeLibrary | None) -> str | None:
    """The first line that speaks against the machine, or None; a machine that breaks has spoken too."""
    for path in paths():
        case = read_case(path)
        if case.end_tick <= LONG_TICKS:
            machine: Machine = Native(library) if library else Reference()
            found = next(_told(disagreements(case, machine), case.name), None)
            if found is not None:
                return found
    return None


def _told(lines: Iterator[Disagreement], name: str) -> Iterator[str]:
    try:
        yield from map(str, lines)
    except Exception as problem:
        yield f"{name}: broke off: {type(problem).__name__}: {problem}"


def main(arguments: list[str]) -> int:
    """`judge TREE [LIBRARY]`: plays on the reference under TREE, or on the firmware of LIBRARY; says what was found."""
    if not Path(str(pumpbench.protocol.__file__)).is_relative_to(arguments[0]):
        print(f"imported {pumpbench.protocol.__file__}; expected it under {arguments[0]}")
        return NOT_THIS_TREE
    found = first_disagreement(NativeLibrary(Path(arguments[1])) if len(arguments) > 1 else None)
    print(found or "agreed")
    return DISAGREED if found else AGREED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
