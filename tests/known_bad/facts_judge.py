"""Knows what one timeline says to both pumps of a tree whose shared facts are spoiled, in a process that imports that tree."""

import json
import sys
from pathlib import Path

import pumpbench.protocol
from pumpbench.hil.conformance.timelines.cases import FOLDER, read_case
from pumpbench.hil.conformance.timelines.machines import Native, Reference
from pumpbench.hil.native import NativeLibrary
from tests.known_bad.by_timeline import judged_on

NOT_THIS_TREE = 2


def main(tree: str, library: str, name: str) -> int:
    """Prints the finding on the reference, that on the firmware, and whether the two agree in every byte and effect."""
    if not Path(str(pumpbench.protocol.__file__)).is_relative_to(tree):
        print(f"imported {pumpbench.protocol.__file__}; expected it under {tree}", file=sys.stderr)
        return NOT_THIS_TREE
    case = read_case(FOLDER / f"{name}.toml")
    reference, firmware = Reference(), Native(NativeLibrary(Path(library)))
    found = [judged_on(case, reference), judged_on(case, firmware)]
    agree = reference.snapshot() == firmware.snapshot() and reference.effects == firmware.effects
    print(json.dumps([*found, agree]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
