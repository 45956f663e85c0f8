"""Whole numbers only: rounding half up, and sums of floors that agree with adding them one by one."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, div_round_half_up, floor_sum, mod, u32

WIDE = st.integers(0, 2**62)
DIVISORS = st.integers(1, 2**40)


@given(WIDE, DIVISORS)
def test_division_keeps_quotient_and_remainder_together(a: int, b: int) -> None:
    assert div_floor(a, b) * b + mod(a, b) == a
    assert 0 <= mod(a, b) < b
    assert div_ceil(a, b) == div_floor(a, b) + (mod(a, b) > 0)


@given(WIDE, DIVISORS)
def test_rounding_takes_the_nearest_and_the_half_upwards(a: int, b: int) -> None:
    distance = div_round_half_up(a, b) - Fraction(a, b)
    assert -Fraction(1, 2) < distance <= Fraction(1, 2)


@given(st.integers(0, 200), st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 5000))
def test_floor_sum_equals_adding_one_by_one(n: int, m: int, a: int, b: int) -> None:
    assert floor_sum(n, m, a, b) == sum((a * i + b) // m for i in range(n))


def test_u32_stops_at_the_largest_value_a_field_holds() -> None:
    assert [u32(value) for value in (0, 2**32 - 1, 2**32, 2**60)] == [0, 2**32 - 1, 2**32 - 1, 2**32 - 1]
