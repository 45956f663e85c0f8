"""The estimate, refills and when the next is due."""

from typing import Any

import pytest

from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, FluidKind, FluidOutcome, Mode, Refusal, TherapyState
from tests.firmware_emu import build

HALF_YEAR = 155_520_000


def test_a_refill_is_due_after_half_a_year_where_nothing_flows() -> None:
    assert build.started().durable.refill_due_life_ticks == HALF_YEAR


def test_a_refill_is_due_when_the_weekly_flow_reaches_the_low_threshold() -> None:
    pump = build.treating(dose_ng_per_day=2_400_000, dose_limit_ng=48_000_000)
    committed = pump.durable.life_ticks - pump.config.update_restart_ticks
    # 18 ml above the threshold at 1.2 ml a day are 15 days.
    assert pump.durable.refill_due_life_ticks == committed + 15 * 864_000


def test_a_pump_that_is_low_is_due_now() -> None:
    pump = build.started(reservoir_estimated_nl=2_000_000, life_ticks=77)
    assert pump.durable.refill_due_life_ticks == 77


@pytest.mark.parametrize(
    ("measured", "more", "less", "discrepancy"),
    [(15_000_000, 0, 0, 0), (15_725_000, 725_000, 0, 0), (15_725_001, 725_001, 0, 1), (14_275_000, 0, 725_000, 0),
     (14_274_999, 0, 725_001, 1)],
)  # fmt: skip
def test_a_refill_compares_over_and_under_with_the_tolerance(measured: int, more: int, less: int, discrepancy: int) -> None:
    pump = build.started(reservoir_estimated_nl=20_000_000)
    pump.durable.reservoir_estimated_nl = 15_000_000
    heard = build.Effects(pump)
    said = pump.handle(messages.Refill(measured_nl=measured, fill_nl=20_000_000), 3, 4)
    assert (said.expected_nl, said.more_nl, said.less_nl, said.discrepancy) == (15_000_000, more, less, discrepancy)
    assert len(heard.named("refill_discrepancy")) == discrepancy
    assert (pump.durable.fluid_kind[0], pump.durable.fluid_outcome[0]) == (FluidKind.REFILL, FluidOutcome.COMPLETED)


def test_a_refill_takes_an_empty_pump_back_to_where_it_was() -> None:
    pump = build.treating()
    pump.handle(messages.Refill(measured_nl=0, fill_nl=500_100), 1)
    pump.leap(2_000)
    assert (pump.durable.therapy_state, pump.durable.resume_state) == (TherapyState.EMPTY, TherapyState.THERAPY)
    heard = build.Effects(pump)
    pump.handle(messages.Refill(measured_nl=500_000, fill_nl=500_000), 2)
    assert pump.durable.therapy_state == TherapyState.EMPTY
    pump.handle(messages.Refill(measured_nl=500_000, fill_nl=500_001), 3)
    assert pump.durable.therapy_state == TherapyState.THERAPY
    assert heard.named("empty_left") == [(pump.plant.tick, "empty_left", TherapyState.THERAPY, 0)]


def test_a_stop_while_empty_is_remembered_for_the_refill() -> None:
    pump = build.treating()
    pump.handle(messages.Refill(measured_nl=0, fill_nl=500_100), 1)
    pump.leap(2_000)
    pump.handle(messages.Stop())
    pump.handle(messages.Refill(measured_nl=0, fill_nl=20_000_000), 3)
    assert pump.durable.therapy_state == TherapyState.STOPPED


def test_a_bolus_that_the_reservoir_cannot_give_is_refused() -> None:
    pump = build.treating()
    pump.durable.reservoir_estimated_nl = 504_999
    said = pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10)
    assert (said.refusal, said.limit, said.value) == (Refusal.RESERVOIR_TOO_LOW, 504_999, 5_000)


def test_no_refill_is_taken_while_a_prime_runs() -> None:
    pump = build.treating()
    pump.handle(messages.Prime(scope=1, volume_nl=20_000), 1)
    said = pump.handle(messages.Refill(measured_nl=0, fill_nl=20_000_000), 2)
    assert (said.refusal, said.value) == (Refusal.BOLUS_IN_PROGRESS, FluidKind.PRIME)


def test_the_truth_runs_dry_without_the_controller_knowing() -> None:
    pump = build.treating()
    pump.inject(Fault.POCKET_FILL, 20_000_000, 20_000_000)
    pump.leap(100_000)
    assert (pump.plant.reservoir_true_pl, pump.plant.depot_pl) == (0, 20_000_000_000)
    assert pump.durable.alarms_active == 0


def test_an_interval_schedule_starts_anew_when_the_pump_leaves_empty() -> None:
    pump = build.treating(mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=200_000, interval_unit=1, interval_count=15,
                          interval_dose_ng=5_000, interval_duration_ticks=600)  # fmt: skip
    pump.handle(messages.Refill(measured_nl=0, fill_nl=500_100), 1)
    pump.leap(5_000)
    assert pump.durable.therapy_state == TherapyState.EMPTY
    pump.leap(20_000)
    pump.handle(messages.Refill(measured_nl=0, fill_nl=20_000_000), 2)
    assert pump.durable.interval_next_life_ticks == pump.durable.life_ticks + 9_000


SINGLE: dict[str, Any] = {
    "mode": Mode.SINGLE_BOLUS, "dose_ng_per_day": 0, "single_dose_ng": 20_000, "single_duration_ticks": 9_000,
}  # fmt: skip


@pytest.mark.parametrize(("program", "kept"), [({}, [1]), (SINGLE, [1, 3])])
def test_an_empty_reservoir_ends_every_bolus_but_a_bridge_and_the_one_that_is_the_program(
    program: dict[str, Any], kept: list[int]
) -> None:
    pump = build.treating(**program)
    pump.durable.owed_q = [864_000] * 5
    pump.durable.reservoir_estimated_nl = pump.config.reservoir_empty_nl
    heard = build.Effects(pump)
    pump.tick()
    assert [effect[2] for effect in heard.named("bolus_cancelled")] == [kind for kind in range(5) if kind not in kept]
    assert [kind for kind in range(5) if pump.durable.owed_q[kind]] == kept


def test_an_empty_reservoir_ends_a_prime() -> None:
    pump = build.treating()
    pump.handle(messages.Prime(scope=1, volume_nl=20_000), 1)
    pump.durable.reservoir_estimated_nl = pump.config.reservoir_empty_nl
    heard = build.Effects(pump)
    pump.tick()
    prime_left_nl = -(-(20_000 * 864_000 - pump.config.prime_rate_nl_per_day) // 864_000)
    assert heard.named("bolus_cancelled") == [(pump.plant.tick, "bolus_cancelled", FluidKind.PRIME, prime_left_nl)]
    assert pump.durable.fluid_outcome[0] == FluidOutcome.CANCELLED
