"""Reduction: the outcome fails, keeps its order, and needs each of its items."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.wire import reduced

# Each inner set is a reason to fail: all of its items together.
REASONS = st.lists(st.frozensets(st.integers(0, 30), max_size=4), min_size=1, max_size=4)


@given(REASONS)
def test_reduced_list_is_a_reason_of_its_own_when_reasons_are_sets(reasons: list[frozenset[int]]) -> None:
    def fails(items: Sequence[int]) -> bool:
        return any(reason <= set(items) for reason in reasons)

    left = reduced(range(31), fails)
    assert set(left) in reasons
    assert list(left) == sorted(left)
    assert len(left) <= 1 or min(map(len, reasons)) > 1


@given(st.integers(0, 2**31))
def test_reduced_list_fails_and_needs_each_item_whatever_fails(salt: int) -> None:
    def fails(items: Sequence[int]) -> bool:
        return len(items) == 12 or hash((salt, tuple(items))) % 3 == 0

    left = reduced(range(12), fails)
    assert fails(left)
    assert not any(fails(left[:at] + left[at + 1 :]) for at in range(len(left)))


def test_reducing_what_does_not_fail_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fail"):
        reduced([1, 2], lambda items: False)
