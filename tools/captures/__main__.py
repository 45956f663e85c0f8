"""`python -m pumpbench.tools.captures`: records the shipped sessions anew and tells how they differ; it replays none."""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pumpbench.hil.diff import diff_of
from pumpbench.hil.replay import load
from pumpbench.tools.captures.making import make
from pumpbench.tools.captures.origin import capture_of, write_origin
from pumpbench.tools.captures.plan import PLAN, SOURCE
from pumpbench.tools.edge import guarded

FOLDER: Final = Path("fixtures/captures")


def main(arguments: Sequence[str] | None = None) -> int:
    """What stands there is replaced only where it differs; 0 either way, since that is for `git diff` and a reader to judge."""
    given = _parser().parse_args(arguments)
    names = [name for name in PLAN if any(fnmatchcase(name, glob) for glob in given.names or ["*"])]
    if not names:
        print(f"no recording is named {' '.join(given.names)}; there are {', '.join(PLAN)}", file=sys.stderr)
        return 2
    changed = 0
    with tempfile.TemporaryDirectory(prefix="pumpbench-captures-") as folder:
        for name in dict.fromkeys([SOURCE, *names]):
            make(PLAN[name], Path(folder) / f"{name}.pcapng")
            if name in names:
                changed += _kept(name, Path(folder) / f"{name}.pcapng", given.all)
    print(f"{changed} of {len(names)} recordings are others than before", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make captures ARGS=", description=main.__doc__)
    parser.add_argument("names", nargs="*", help="which, also as patterns such as 'qemu_*'")
    parser.add_argument("--all", action="store_true", help="replace also what says the same, under other times and builds")
    return parser


def _kept(name: str, fresh: Path, replace: bool) -> bool:
    shipped = capture_of(FOLDER, name)
    difference = difference_of(shipped, fresh)
    print(f"{name}: {difference or 'the same'}")
    if difference or replace:
        shipped.parent.mkdir(parents=True, exist_ok=True)
        # Neither name nor time in it: equal recordings are equal files.
        shipped.write_bytes(gzip.compress(fresh.read_bytes(), 9, mtime=0))
    write_origin(FOLDER, name, PLAN[name])
    return bool(difference)


def difference_of(shipped: Path, fresh: Path) -> str:
    """The first in which they differ, in words; empty where they say the same."""
    if not shipped.exists():
        return "new"
    before, now = load(shipped), load(fresh)
    if [str(gap) for gap in before.gaps] != [str(gap) for gap in now.gaps]:
        return f"other gaps: {[str(gap) for gap in now.gaps]}, before {[str(gap) for gap in before.gaps]}"
    found = diff_of(before, now, ("shipped", "recorded anew"))
    return found.reason if found.causes or found.ticks[0] != found.ticks[1] else ""


if __name__ == "__main__":
    sys.exit(guarded(main))
