"""Knows how to write the generated files from a shell; `--check` only says which are stale."""

import sys

from . import stale, write

if __name__ == "__main__":
    paths = stale() if "--check" in sys.argv[1:] else write()
    for path in paths:
        print(f"{path}: {'stale; run `python -m pumpbench.tools.generate`' if '--check' in sys.argv[1:] else 'written'}")
    raise SystemExit(1 if paths and "--check" in sys.argv[1:] else 0)
