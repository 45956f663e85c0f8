"""After a reset: what comes back from memory, what is assumed, what has to be given again."""

from typing import Any

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, CHECKPOINT_SLOT_WORDS, PROGRAM_SLOT_ADDRESS
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, Flag, FluidKind, FluidOutcome, Mode, Refusal, ResetCause, TherapyState
from tests.firmware_emu import build

BOOT_TICKS = 20
PATIENT: dict[str, Any] = {
    "patient_dose_ng": 6_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 6_000, "patient_count": 3,
}  # fmt: skip


def reset(pump: Pump) -> build.Effects:
    """A watchdog reset, through its boot."""
    heard = build.Effects(pump)
    assert pump.inject(Fault.RESET) is None
    pump.leap(1 + BOOT_TICKS)
    return heard


def test_a_boot_completes_boot_ticks_after_the_reset_was_taken() -> None:
    pump = build.treating()
    at = pump.plant.tick + 1
    heard = reset(pump)
    assert heard.named("reset", "boot_completed") == [
        (at, "reset", ResetCause.WATCHDOG, 0),
        (at + BOOT_TICKS, "boot_completed", ResetCause.WATCHDOG, 2),
    ]


def test_therapy_resumes_unasked_after_a_watchdog_reset() -> None:
    pump = build.treating()
    reset(pump)
    asked = pump.durable.commanded_q
    pump.leap(100)
    assert pump.durable.therapy_state == TherapyState.THERAPY
    assert pump.durable.commanded_q - asked == 100 * 120_000
    assert build.balanced(pump)


def test_age_goes_on_by_an_hour_more_than_the_check_point_and_the_clock_is_invalid() -> None:
    pump = build.treating()
    pump.leap(40_000 - pump.plant.tick)
    reset(pump)
    assert pump.durable.life_ticks == 36_000 + 36_000 + 1
    assert pump.durable.clock_valid == 0
    pump.handle(messages.SetClock(clock_day=3, clock_day_ticks=5))
    assert pump.durable.clock_valid == 1


def test_the_estimate_assumes_the_most_that_can_have_flowed() -> None:
    pump = build.treating()
    pump.leap(36_000 - pump.plant.tick)
    at_checkpoint = pump.durable.reservoir_estimated_nl
    pump.leap(1_000)
    reset(pump)
    assert pump.durable.reservoir_estimated_nl == at_checkpoint - (36_000 * 120_000 // 864_000 + 250)


def test_lockout_daily_count_and_window_start_anew_and_full() -> None:
    pump = build.treating(**PATIENT, dose_limit_ng=400_000)
    reset(pump)
    life = pump.durable.life_ticks
    locked = pump.handle(messages.PatientBolus(), 5)
    assert (locked.refusal, locked.limit) == (Refusal.LOCKOUT, 6_000)
    pump.leap(6_000)
    counted = pump.handle(messages.PatientBolus(), 6)
    assert (counted.refusal, counted.limit, counted.value) == (Refusal.DAILY_MAXIMUM, 3, 8)
    pump.leap(864_000 - 6_000)
    assert pump.durable.life_ticks == life + 864_000
    assert sum(pump.controller.hour_quanta) <= 4 * 400_000


def test_a_bolus_that_ran_is_interrupted_and_its_rest_is_given_up() -> None:
    pump = build.treating()
    pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10, 77)
    pump.leap(3_000)
    reset(pump)
    place = pump.durable.fluid_id.index(10)
    assert pump.durable.fluid_outcome[place] == FluidOutcome.INTERRUPTED
    assert pump.durable.owed_q[FluidKind.CLINICIAN] == 0
    # The check-point stands at its start: what was delivered since is not known, so it says the most.
    assert pump.durable.fluid_delivered_nl[place] == 5_000
    assert build.balanced(pump)


def test_a_low_battery_reset_leaves_the_minimum_rate_until_a_commit() -> None:
    # Samples at so low a charge would else end its service at once.
    pump = build.treating(config={"eri_mv": 1, "eos_mv": 1})
    heard = build.Effects(pump)
    pump.inject(Fault.BATTERY_CHARGE, 4_400)
    pump.leap(5_000)
    assert heard.named("reset", "boot_completed")[0][2] == ResetCause.LOW_BATTERY
    assert pump.durable.therapy_state == TherapyState.MINIMUM_RATE
    assert pump.durable.fault_flags == Flag.bit_of(Flag.LOW_BATTERY_RESET)
    assert pump.handle(messages.Resume()).refusal == Refusal.INVALID_STATE
    asked = pump.durable.commanded_q
    pump.leap(1_000)
    assert pump.durable.commanded_q - asked == 1_000 * 48_000
    pump.inject(Fault.BATTERY_CHARGE, 1_000_000)
    build.commit(pump)
    build.finish_update(pump)
    assert (pump.durable.therapy_state, pump.durable.fault_flags) == (TherapyState.THERAPY, 0)


def test_a_single_bolus_is_not_taken_up_again_after_a_reset() -> None:
    pump = build.treating(mode=Mode.SINGLE_BOLUS, dose_ng_per_day=0, single_dose_ng=200_000, single_duration_ticks=9_000)
    pump.leap(100)
    reset(pump)
    assert pump.durable.therapy_state == TherapyState.STOPPED
    assert build.balanced(pump)


def test_without_a_valid_slot_the_pump_is_safe_and_says_so() -> None:
    pump = build.treating()
    for slot in PROGRAM_SLOT_ADDRESS:
        pump.inject(Fault.MEMORY_FLIP, slot + 3, 1)
    heard = reset(pump)
    assert pump.durable.therapy_state == TherapyState.SAFE_STATE
    assert pump.durable.fault_flags & Flag.bit_of(Flag.CRITICAL_MEMORY)
    assert (pump.plant.tick, "memory_fault", 1, 0) in heard
    pump.leap(50_000)
    pump.check()
    build.commit(pump)
    build.finish_update(pump)
    assert pump.durable.therapy_state == TherapyState.THERAPY


def test_without_a_valid_check_point_the_pump_is_safe_and_keeps_its_program() -> None:
    pump = build.treating()
    program = bytes(pump.controller.program)
    for slot in CHECKPOINT_SLOT_ADDRESS:
        pump.inject(Fault.MEMORY_FLIP, slot + 3, 1)
    heard = reset(pump)
    assert pump.durable.therapy_state == TherapyState.SAFE_STATE
    assert (pump.plant.tick, "memory_fault", 1, 1) in heard
    assert pump.controller.program == program
    assert pump.durable.eos_life_ticks == pump.config.life_limit_ticks


@pytest.mark.parametrize("words", range(0, 110, 3))
def test_a_cut_while_a_bolus_starts_gives_it_once_or_not_at_all(words: int) -> None:
    pump = build.treating()
    pump.inject(Fault.POWER_CUT, words)
    said = pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10, 77)
    assert said.refusal == Refusal.POWER_CUT
    heard = build.Effects(pump)
    pump.leap(1 + BOOT_TICKS)
    known = 10 in pump.durable.fluid_id
    assert pump.durable.fluid_highest_id == (10 if known else 0)
    assert heard.named("bolus_started", "bolus_ended") == []
    assert known == (words >= 8 + CHECKPOINT_SLOT_WORDS)
    assert build.balanced(pump)


def test_a_low_battery_reset_in_empty_ends_in_the_minimum_rate_after_the_refill() -> None:
    pump = build.treating(config={"eri_mv": 1, "eos_mv": 1})
    pump.durable.reservoir_estimated_nl = pump.config.reservoir_empty_nl
    pump.tick()
    assert (pump.durable.therapy_state, pump.durable.resume_state) == (TherapyState.EMPTY, TherapyState.THERAPY)
    pump.plant.reset_pending = ResetCause.LOW_BATTERY
    pump.leap(1 + BOOT_TICKS)
    assert (pump.durable.therapy_state, pump.durable.resume_state) == (TherapyState.EMPTY, TherapyState.MINIMUM_RATE)
    pump.handle(messages.Refill(measured_nl=500_000, fill_nl=20_000_000), 9)
    assert pump.durable.therapy_state == TherapyState.MINIMUM_RATE


def test_a_single_bolus_that_waits_for_a_refill_does_not_outlive_a_reset() -> None:
    pump = build.started(reservoir_estimated_nl=400_000)
    build.commit(pump, mode=Mode.SINGLE_BOLUS, dose_ng_per_day=0, single_dose_ng=200_000, single_duration_ticks=9_000)
    build.finish_update(pump)
    assert pump.durable.owed_q[FluidKind.CLINICIAN] == 100_000 * 864_000
    reset(pump)
    assert (pump.durable.therapy_state, pump.durable.resume_state) == (TherapyState.EMPTY, TherapyState.STOPPED)
    assert pump.durable.owed_q[FluidKind.CLINICIAN] == 0
    assert build.balanced(pump)


def test_a_program_that_stops_is_stopped_after_a_cut_behind_its_commit_word() -> None:
    pump = build.treating()
    build.commit(pump, mode=Mode.STOPPED, dose_ng_per_day=0)
    pump.leap(22)
    pump.inject(Fault.POWER_CUT, 9)
    pump.leap(1 + 1 + BOOT_TICKS)
    assert pump.plan.mode == Mode.STOPPED
    assert pump.durable.therapy_state == TherapyState.STOPPED


def test_a_bridge_outlives_a_reset_less_an_hour_of_it() -> None:
    pump = build.treating()
    build.commit(pump, concentration_ug_per_ml=1_000, bridge=1)
    build.finish_update(pump)
    owed = pump.durable.owed_q[FluidKind.BRIDGE]
    reset(pump)
    # The tick of the boot flows again, as the one that ended the update did.
    assert pump.durable.owed_q[FluidKind.BRIDGE] == owed - 36_000 * 120_000
    assert build.balanced(pump)


def test_a_reset_request_while_booting_changes_nothing() -> None:
    pump = build.treating()
    pump.inject(Fault.RESET)
    pump.leap(5)
    pump.inject(Fault.RESET)
    assert pump.plant.reset_pending == ResetCause.NONE
