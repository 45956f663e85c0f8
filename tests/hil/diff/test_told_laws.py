"""Pairing of what two hosts told: laws over lists of acts from which some were taken away, or into which some were put."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.diff.told import moment_of, pairs_of
from pumpbench.hil.replay.recorded import Request
from pumpbench.hil.rerun import Act

TICKS = st.lists(st.integers(0, 5_000), max_size=30, unique=True).map(sorted)


def acts(ticks: list[int]) -> list[Act]:
    """Each another one, by its bytes and by its tick."""
    return [Act(tick, "noise", Request(tick.to_bytes(4, "little"), tick)) for tick in ticks]


@given(TICKS, TICKS)
def test_pairs_hold_every_act_of_either_side_once_and_in_order(one: list[int], other: list[int]) -> None:
    a, b = acts(one), acts(other)
    pairs = list(pairs_of(a, b))
    assert [pair.a for pair in pairs if pair.a is not None] == a
    assert [pair.b for pair in pairs if pair.b is not None] == b
    assert all(pair.a is not None or pair.b is not None for pair in pairs)


@given(TICKS, st.data())
def test_acts_that_only_one_side_has_stand_alone_and_all_others_pair(whole: list[int], data: st.DataObject) -> None:
    left = [tick for tick in whole if data.draw(st.booleans(), f"keep {tick}")]
    pairs = list(pairs_of(acts(whole), acts(left)))
    alone = [pair.a.tick for pair in pairs if pair.b is None and pair.a is not None]
    assert all(pair.a is not None for pair in pairs)
    assert alone == [tick for tick in whole if tick not in left]
    assert len([pair for pair in pairs if moment_of(pair) is not None]) == len(alone)


@given(TICKS)
def test_same_acts_pair_without_a_difference(ticks: list[int]) -> None:
    assert all(moment_of(pair) is None for pair in pairs_of(acts(ticks), acts(ticks)))
