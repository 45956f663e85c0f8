"""Knows in which ticks a constant rate commands motor steps; it must not know what a step does."""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, floor_sum
from pumpbench.protocol.limits import STEP_Q


class Pace(NamedTuple):
    """An account below one step and what each tick adds to it. Ticks and steps count from the next one, which is 1."""

    acc_q: int
    rate_q: int

    def steps(self, ticks: int) -> int:
        """Steps commanded in the next `ticks`."""
        return div_floor(self.acc_q + ticks * self.rate_q, STEP_Q)

    def ticks_before(self, step: int) -> int:
        """Ticks that pass before the tick of a step; only where the rate is not 0."""
        return div_ceil(step * STEP_Q - self.acc_q, self.rate_q) - 1

    def offset_sum(self, steps: int) -> int:
        """Sum over the next `steps` steps of the number of each one's tick."""
        return floor_sum(steps, self.rate_q, STEP_Q, STEP_Q - self.acc_q + self.rate_q - 1)


NO_PACE: Final = Pace(0, 0)
