"""Knows the pump's whole-number arithmetic, the only place that divides; it must not know what the numbers mean.

Operands are never negative and divisors positive: callers compare before they subtract.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final

div_floor: Final[Callable[[int, int], int]] = operator.floordiv
mod: Final[Callable[[int, int], int]] = operator.mod

U32_MAX: Final = 0xFFFF_FFFF
FEW: Final = 32
"""So many terms are summed faster one by one."""
U64_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF


def div_round_half_up(a: int, b: int) -> int:
    """a / b to the nearest whole number, the half upwards."""
    return (2 * a + b) // (2 * b)


def div_ceil(a: int, b: int) -> int:
    """The least whole number that is not below a / b."""
    return (a + b - 1) // b


def u32(value: int) -> int:
    """A wide quantity in a field of 32 bits: at most 4294967295."""
    return value if value <= U32_MAX else U32_MAX


def next_of(count: int) -> int:
    """One more, modulo 2^32: for what counts for ever."""
    return count + 1 & U32_MAX


def floor_sum(n: int, m: int, a: int, b: int) -> int:
    """Sum of floor((a * i + b) / m) for i = 0..n-1, in logarithmic time; n, a, b >= 0 and m > 0."""
    total = 0
    while True:
        total += n * (n - 1) // 2 * (a // m) + n * (b // m)
        a, b = a % m, b % m
        if n <= FEW:
            return total + sum([(b + i * a) // m for i in range(n)])
        top = a * n + b
        if top < m:
            return total
        n, b, m, a = top // m, top % m, a, m
