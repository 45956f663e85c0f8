"""Knows what can be measured: a contender is set up once, then gives one figure a round; it must not know who else runs."""

import importlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pumpbench.hil.firmware import FirmwareMissing

Round = Callable[[], float]
"""One measurement: a rate per second, or a time in the unit of its path."""

OURS: Final = "pumpbench.tools.bench.ours"
PEERS: Final = "pumpbench.tools.bench.peers"


class Absent(Exception):
    """A contender that this machine does not have; the text says what is missing."""


@dataclass(frozen=True)
class Setting:
    """Where files go, and how much of the full amount of work a round does (1: all of it)."""

    folder: Path
    scale: float = 1.0

    def count(self, full: int) -> int:
        return max(1, int(full * self.scale))


Prepare = Callable[[Setting, ExitStack], Round]


def prepare(package: str, name: str, setting: Setting, stack: ExitStack) -> Round:
    """Sets up `module.function` of `OURS` or `PEERS`; what it opens closes with `stack`. Raises `Absent`."""
    module, function = name.split(".")
    try:
        made: Prepare = getattr(importlib.import_module(f"{package}.{module}"), function)
        return made(setting, stack)
    except (ModuleNotFoundError, FirmwareMissing) as problem:
        raise Absent(str(problem)) from problem


def per_second(work: Callable[[], int]) -> Round:
    """A rate of one thread, by the time it had the processor: `work` says how many it did, and waits for nothing."""

    def once() -> float:
        start = time.thread_time()
        done = work()
        return done / (time.thread_time() - start)

    return once


def processor_seconds(work: Callable[[], object]) -> Round:
    """A time of one thread: how long `work` had the processor, and it waits for nothing."""

    def once() -> float:
        start = time.thread_time()
        work()
        return time.thread_time() - start

    return once


def seconds(work: Callable[[], object]) -> Round:
    """A time by the clock on the wall: how long `work` took."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return once
