"""Credit lengths: their range, their mix, and that a seed gives them again."""

import pytest

from pumpbench.hil.rig.credits import TICKS_MAX, CreditLengths

DRAWS = 2000


@pytest.mark.parametrize(("ticks_per_second", "ticks_max"), [(1, 1), (3000, 1500), (10**9, TICKS_MAX), (0, TICKS_MAX)])
def test_credits_stay_within_half_a_second_of_the_target(ticks_per_second: int, ticks_max: int) -> None:
    lengths = CreditLengths(1, ticks_per_second)
    drawn = [lengths.draw() for _ in range(DRAWS)]
    assert lengths.ticks_max == ticks_max
    assert min(drawn) == 1
    assert max(drawn) <= ticks_max


def test_credits_hold_single_ticks_and_long_ones() -> None:
    lengths = CreditLengths(1, 10**7)
    drawn = [lengths.draw() for _ in range(DRAWS)]
    assert drawn.count(1) > DRAWS // 8
    assert sum(length > 100_000 for length in drawn) > DRAWS // 20


def test_credits_repeat_when_the_seed_does() -> None:
    def draw(seed: int) -> list[int]:
        lengths = CreditLengths(seed, 10**6)
        return [lengths.draw() for _ in range(50)]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
