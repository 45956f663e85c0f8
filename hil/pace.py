"""Holds a rig to real or scaled speed, and knows how a speed is written; it must not know what the rig is or does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from pumpbench.protocol.limits import TICKS_PER_SECOND

if TYPE_CHECKING:  # a rig brings the whole bench with it, and `emulate` only asks for the speed
    from pumpbench.hil.rig import Rig

SLICE_S: Final = 0.2
"""Time is granted in stretches of so much real time, so that it moves smoothly."""


def speed_of(text: str) -> float | None:
    """`max` is None, `real` is 1, a number is pump seconds per second. Raises ValueError that says what was expected."""
    if text in ("max", "real"):
        return None if text == "max" else 1.0
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1e9:
        raise ValueError(f"speed {text!r}; expected max, real, or how many pump seconds a second lasts, such as 60")
    return speed


def paced(rig: Rig, speed: float | None) -> Rig:
    """The rig itself, or one that lets time pass no faster than `speed`."""
    return rig if speed is None else cast("Rig", _Paced(rig, speed))


class _Paced:
    """Hands everything to the rig, but time in small portions, each when it is due."""

    def __init__(self, rig: Rig, speed: float) -> None:
        self._rig = rig
        self._ticks_per_s = speed * TICKS_PER_SECOND
        self._start_s: float | None = None
        self._start_tick = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rig, name)

    @property
    def on_credit(self) -> Callable[[], None] | None:
        return self._rig.on_credit

    @on_credit.setter
    def on_credit(self, callback: Callable[[], None] | None) -> None:
        self._rig.on_credit = callback

    def run_to(self, tick: int) -> None:
        if self._start_s is None:
            self._start_s, self._start_tick = time.monotonic(), self._rig.tick
        portion = max(1, int(self._ticks_per_s * SLICE_S))
        while self._rig.tick < tick:
            self._rig.run_to(min(tick, self._rig.tick + portion))
            due_s = self._start_s + (self._rig.tick - self._start_tick) / self._ticks_per_s
            early_s = due_s - time.monotonic()
            self._rig.meter.late(-early_s)
            time.sleep(max(0.0, early_s))
