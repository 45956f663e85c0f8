"""How long each credit is: drawn from a seed, so that no length hides a fault and every run can be repeated."""

import random
from typing import Final

from pumpbench.protocol.limits import TICKS_PER_DAY

SINGLE_SHARE: Final = 4
"""One credit in so many is a single tick."""
TICKS_MAX: Final = TICKS_PER_DAY
"""A digest at least once a pump day, however fast the target is."""


class CreditLengths:
    """Lengths in ticks, from 1 to half a second of what the target computes; short ones as likely as long ones."""

    def __init__(self, seed: int, ticks_per_second: int) -> None:
        self._random = random.Random(f"credits:{seed}")
        self.ticks_max = min(TICKS_MAX, max(1, ticks_per_second // 2)) if ticks_per_second else TICKS_MAX

    def draw(self) -> int:
        if self._random.randrange(SINGLE_SHARE) == 0:
            return 1
        # Evenly over the number of digits: a uniform draw would hardly ever be short.
        bits = self._random.randrange(self.ticks_max.bit_length()) + 1
        return min(self.ticks_max, self._random.randrange(1 << bits) + 1)
