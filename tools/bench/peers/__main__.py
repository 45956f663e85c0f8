"""The process of the peers: takes one JSON line at a time on stdin, answers with one on stdout, and ends with its input.

`{"prepare": name}` sets a peer up: `{"version": text}`. `{"round": name}` runs it: `{"figure": number}`. Either may say
`{"absent": why}` instead.
"""

import importlib
import importlib.metadata
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pumpbench.tools.bench.contender import PEERS, Absent, Round, Setting, prepare


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    # What a peer prints is no answer.
    os.dup2(2, 1)
    setting = Setting(Path(sys.argv[1]), float(sys.argv[2]))
    rounds: dict[str, Round] = {}
    with ExitStack() as stack:
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line), setting, rounds, stack)), file=answers, flush=True)


def answer(asked: dict[str, str], setting: Setting, rounds: dict[str, Round], stack: ExitStack) -> dict[str, Any]:
    """One peer that fails costs only its own figures."""
    try:
        if "round" in asked:
            return {"figure": rounds[asked["round"]]()}
        name = asked["prepare"]
        rounds[name] = prepare(PEERS, name, setting, stack)
        return {"version": version_of(name)}
    except Absent as problem:
        return {"absent": str(problem)}
    except Exception as problem:
        return {"absent": f"{type(problem).__name__}: {problem}"}


def version_of(name: str) -> str:
    """Of the package that a peer's module names; empty where it names none."""
    package = getattr(importlib.import_module(f"{PEERS}.{name.split('.')[0]}"), "DISTRIBUTION", "")
    return importlib.metadata.version(package) if package else ""


if __name__ == "__main__":
    main()
