"""Verdicts: the order among them and their exit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.verdict import Verdict, combined

WORST_FIRST = [Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS]


@pytest.mark.parametrize(
    ("verdict", "exit_code"),
    [(Verdict.PASS, 0), (Verdict.FAIL, 1), (Verdict.INCONCLUSIVE, 3), (Verdict.ERROR, 4)],
)
def test_verdict_has_its_exit_code(verdict: Verdict, exit_code: int) -> None:
    assert verdict.exit_code == exit_code


def test_verdict_is_inconclusive_when_nothing_was_compared() -> None:
    assert combined([]) is Verdict.INCONCLUSIVE


@given(st.lists(st.sampled_from(WORST_FIRST), min_size=1))
def test_verdict_of_many_is_the_worst_of_them(verdicts: list[Verdict]) -> None:
    assert combined(verdicts) is next(v for v in WORST_FIRST if v in verdicts)
