"""The dose account over random therapy: nothing is left over, and the plant's truth stands beside it."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.account import STEP_PL, dose_account, plant_account
from pumpbench.firmware_emu.guards import GUARDS, read
from pumpbench.protocol.codes import Fault
from tests.firmware_emu import walks
from tests.support import effort

SEEDS = st.integers(0, 2**64 - 1)


@settings(max_examples=effort(40, 1_000))
@given(seed=SEEDS)
def test_account_leaves_nothing_over_after_any_walk(seed: int) -> None:
    rng = random.Random(seed)
    pump = walks.draw_pump(rng)
    for stretch in range(4):
        for act in walks.draw_acts(rng, 10 * stretch + 1):
            act(pump)
            account = dose_account(pump.durable)
            assert account.surplus_q == 0
            assert account.commanded_q == account.delivered_q + account.pending_q + account.cancelled_q
        pump.leap(rng.randrange(40_000))
        truth = plant_account(pump.plant)
        assert truth.pumped_pl == truth.leaked_pl + truth.tip_pl


@settings(max_examples=effort(40, 1_000))
@given(seed=SEEDS, ppm=st.integers(1, 2_000_000), ticks=st.integers(1, 200_000))
def test_truth_is_over_by_what_the_flow_is_over(seed: int, ppm: int, ticks: int) -> None:
    """Within a pl for each step, which rounding takes."""
    pump = walks.draw_pump(random.Random(seed))
    pump.plant.reservoir_true_pl = 40_000_000_000
    pump.inject(Fault.ROTOR, 0)
    pump.inject(Fault.FLOW, ppm, 0)
    steps, before = pump.durable.step_count, plant_account(pump.plant)
    boots = pump.durable.boot_count
    pump.leap(ticks)
    if pump.durable.boot_count == boots:
        steps = pump.durable.step_count - steps
        over_pl = plant_account(pump.plant).tip_pl - before.tip_pl - steps * STEP_PL
        assert abs(over_pl - steps * (STEP_PL * ppm // 1_000_000 - STEP_PL)) <= steps + 1


@settings(max_examples=effort(20, 500))
@given(seed=SEEDS)
def test_guard_can_be_read_in_any_state(seed: int) -> None:
    rng = random.Random(seed)
    pump = walks.draw_pump(rng)
    for act in walks.draw_acts(rng, 1):
        act(pump)
    pump.leap(rng.randrange(40_000))
    for guard in GUARDS:
        assert all(read(pump, name).value >= 0 for name in (*guard.inputs, *guard.thresholds, *guard.debounced_by))
