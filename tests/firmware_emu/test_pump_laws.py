"""Laws that hold of every pump after every walk."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.digests import SNAPSHOT_BYTES
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol.limits import RATE_MAX_NL_PER_DAY
from tests.firmware_emu import build, walks
from tests.support import effort


@settings(max_examples=effort(40, 1_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_every_tick_keeps_account_ranges_and_volumes(seed: int) -> None:
    rng = random.Random(seed)
    pump = walks.draw_pump(rng)
    for stretch in range(4):
        for act in walks.draw_acts(rng, 10 * stretch + 1):
            act(pump)
            assert build.balanced(pump)
        total_pl = pump.plant.reservoir_true_pl + pump.plant.pumped_pl
        for _ in range(rng.randrange(400)):
            tick_and_judge(pump, total_pl)


def tick_and_judge(pump: Pump, total_pl: int) -> None:
    before = pump.durable.clone(), pump.durable
    pump.tick()
    pump.check()
    assert build.balanced(pump)
    assert pump.plant.reservoir_true_pl + pump.plant.pumped_pl == total_pl
    assert pump.plant.pumped_pl == pump.plant.leaked_pl + pump.plant.delivered_pl
    if pump.durable is before[1]:
        assert asked_q(before[0], pump) <= RATE_MAX_NL_PER_DAY
        assert pump.durable.step_count - before[0].step_count in (0, 1)


def asked_q(before: object, pump: Pump) -> int:
    """What the tick added to the account of the motor."""
    durable = pump.durable
    steps = durable.step_count - before.step_count  # type: ignore[attr-defined]
    added: int = steps * 216_000_000 + durable.acc_q - before.acc_q  # type: ignore[attr-defined]
    return added


@settings(max_examples=effort(40, 1_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_a_restored_pump_goes_on_like_the_one_it_was_taken_from(seed: int) -> None:
    rng = random.Random(seed)
    pump = walks.draw_pump(rng)
    for act in walks.draw_acts(rng, 1):
        act(pump)
    pump.leap(walks.draw_ticks(rng))
    other = Pump()
    other.restore(pump.snapshot())
    other.identity = pump.identity.clone()
    for act in walks.draw_acts(rng, 10):
        assert act(pump) == act(other)
    ticks = walks.draw_ticks(rng)
    pump.leap(ticks)
    other.leap(ticks)
    assert pump.snapshot() == other.snapshot()
    assert pump.digests() == other.digests()


def test_a_snapshot_of_another_size_is_refused_by_name() -> None:
    with pytest.raises(ValueError) as refused:
        Pump().restore(bytes(SNAPSHOT_BYTES - 1))
    assert str(SNAPSHOT_BYTES) in str(refused.value)


def test_a_snapshot_with_a_field_out_of_range_is_refused_and_changes_nothing() -> None:
    pump = build.started()
    bad = pump.clone()
    bad.plant.dead = 2
    before = pump.snapshot()
    with pytest.raises(ValueError) as refused:
        pump.restore(bad.snapshot())
    assert "plant.dead" in str(refused.value)
    assert pump.snapshot() == before


def test_a_clone_shares_nothing_with_its_origin() -> None:
    pump = build.treating()
    before = pump.snapshot()
    clone = pump.clone()
    clone.leap(50_000)
    clone.inject(8, 3, 3)
    assert pump.snapshot() == before
