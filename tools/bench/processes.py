"""Knows what a command costs that handles so many frames: the time that it and its children had the processor."""

import resource
import shutil
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from pumpbench.tools.bench.contender import Absent, Round

LEAST_S = 1e-6


def rate_of(
    count: int, *command: str | Path, ends: Collection[int] = (0,), env: Mapping[str, str] | None = None, cure: str = ""
) -> Round:
    """Frames a second. Raises `Absent` where there is no such program; a round fails where it ends otherwise than `ends`."""
    if shutil.which(command[0]) is None:
        raise Absent(f"no {command[0]} here: {cure}")

    def once() -> float:
        before_s = _children_s()
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, env=env
        )
        if done.returncode not in ends:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"{Path(command[0]).name} ends with {done.returncode}: {said[-1] if said else 'without a word'}")
        return count / max(_children_s() - before_s, LEAST_S)

    return once


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
