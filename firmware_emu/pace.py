"""Knows in which ticks a constant rate commands motor steps; it must not know what a step does.

An account holds `acc_q`, less than a step, and each tick adds `rate_q`. Ticks and steps count from the next one, which is 1.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, floor_sum
from pumpbench.protocol.limits import STEP_Q


def steps_in(acc_q: int, rate_q: int, ticks: int) -> int:
    """Steps commanded in the next `ticks`."""
    return div_floor(acc_q + ticks * rate_q, STEP_Q)


def ticks_before(acc_q: int, rate_q: int, step: int) -> int:
    """Ticks that pass before the tick of a step; only where the rate is not 0."""
    return div_ceil(step * STEP_Q - acc_q, rate_q) - 1


def tick_sum(acc_q: int, rate_q: int, steps: int) -> int:
    """Sum over the next `steps` steps of the number of each one's tick."""
    return floor_sum(steps, rate_q, STEP_Q, STEP_Q - acc_q + rate_q - 1)
