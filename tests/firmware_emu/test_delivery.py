"""What flows, when: steps of 250 nl from an account that loses nothing, boluses on top, one at a time by precedence."""

import pytest

from pumpbench.protocol import messages
from pumpbench.protocol.codes import FluidKind, Mode, Refusal, TherapyState
from tests.firmware_emu import build

STEP_Q = 216_000_000


def test_a_step_is_commanded_whenever_the_account_reaches_a_step() -> None:
    pump = build.treating()
    start, asked = pump.durable.step_count, pump.durable.commanded_q
    pump.leap(864_000)
    assert pump.durable.commanded_q - asked == 120_000 * 864_000
    assert pump.durable.step_count - start == 480


def test_the_remainder_of_a_step_survives_stop_and_resume() -> None:
    pump = build.treating()
    pump.leap(1_000)
    left_q = pump.durable.acc_q
    assert 0 < left_q < STEP_Q
    pump.handle(messages.Stop())
    pump.leap(5_000)
    assert pump.durable.acc_q == left_q
    pump.handle(messages.Resume())
    pump.tick()
    assert pump.durable.acc_q == left_q + 120_000


def test_a_bolus_is_added_to_the_basal_rate_and_ends_when_nothing_is_owed() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    begun = pump.plant.tick
    started = pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10, 99)
    assert (started.kind, started.rate_nl_per_day) == (FluidKind.CLINICIAN, 720_000)
    pump.leap(6_000)
    assert heard == [(begun, "bolus_started", 3, 5_000), (begun + 6_000, "bolus_ended", 3, 10)]
    assert build.balanced(pump)


def test_a_stop_freezes_a_bolus_and_a_resume_goes_on_with_it() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10)
    pump.leap(2_000)
    pump.handle(messages.Stop())
    owed_q = pump.durable.owed_q[FluidKind.CLINICIAN]
    pump.leap(9_999)
    assert pump.durable.owed_q[FluidKind.CLINICIAN] == owed_q
    pump.handle(messages.Resume())
    resumed = pump.plant.tick
    pump.leap(5_000)
    assert heard.ticks_of("bolus_ended") == [resumed + 4_000]


def test_a_prime_outranks_everything_and_holds_the_basal_rate_back() -> None:
    pump = build.treating(patient_dose_ng=6_000, patient_duration_ticks=600, patient_lockout_ticks=600, patient_count=8)
    assert isinstance(pump.handle(messages.Prime(scope=1, volume_nl=20_000), 1), messages.Started)
    status = pump.handle(messages.ReadStatus())
    assert (status.bolus_kind, status.rate_nl_per_day) == (FluidKind.PRIME, 0)
    asked = pump.durable.commanded_q
    pump.leap(100)
    assert pump.durable.commanded_q == asked
    said = pump.handle(messages.PatientBolus(), 2)
    assert (said.refusal, said.value) == (Refusal.BOLUS_IN_PROGRESS, FluidKind.PRIME)


def test_a_patient_bolus_outranks_a_clinicians_which_keeps_what_it_owes() -> None:
    pump = build.treating(patient_dose_ng=6_000, patient_duration_ticks=600, patient_lockout_ticks=600, patient_count=8)
    pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10)
    pump.leap(100)
    owed_q = pump.durable.owed_q[FluidKind.CLINICIAN]
    assert isinstance(pump.handle(messages.PatientBolus(), 11), messages.Started)
    pump.leap(600)
    assert pump.durable.owed_q[FluidKind.PATIENT] == 0
    assert pump.durable.owed_q[FluidKind.CLINICIAN] == owed_q


def test_basal_and_bolus_together_never_exceed_the_largest_rate() -> None:
    pump = build.treating(dose_ng_per_day=47_000_000, dose_limit_ng=48_000_000)
    pump.durable.owed_q[FluidKind.CLINICIAN], pump.durable.bolus_q[FluidKind.CLINICIAN] = 10**9, 24_000_000
    acc_q = pump.durable.acc_q
    pump.tick()
    assert pump.durable.acc_q - acc_q == 24_000_000


def test_an_interval_bolus_is_first_due_one_interval_after_the_commit() -> None:
    pump = build.started()
    heard = build.Effects(pump)
    build.commit(pump, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=1, interval_count=15, interval_dose_ng=5_000,
                 interval_duration_ticks=600)  # fmt: skip
    build.finish_update(pump)
    pump.leap(30_000)
    committed = heard.ticks_of("program_committed")[0]
    assert heard.ticks_of("bolus_started") == [committed + 9_000 * i for i in (1, 2, 3)]


def test_an_interval_bolus_that_falls_due_while_one_is_owed_is_dropped() -> None:
    pump = build.treating(mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=1, interval_count=15, interval_dose_ng=5_000,
                          interval_duration_ticks=9_000)  # fmt: skip
    heard = build.Effects(pump)
    pump.leap(9_010 - pump.plant.tick)
    pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=600), 1)
    pump.leap(9_100)
    assert len(heard.named("interval_dropped")) == 1
    assert build.balanced(pump)


def test_a_single_bolus_stops_the_pump_when_it_is_given() -> None:
    pump = build.started()
    heard = build.Effects(pump)
    build.commit(pump, mode=Mode.SINGLE_BOLUS, dose_ng_per_day=0, single_dose_ng=20_000, single_duration_ticks=600)
    pump.leap(1_000)
    restarted = heard.ticks_of("delivery_restarted")[0]
    # Delivery is possible again in the very tick of the restart, which is the first of the 600.
    assert heard.named("bolus_ended", "stopped") == [(restarted + 599, "bolus_ended", 3, 0), (restarted + 599, "stopped", 1, 0)]
    assert pump.durable.therapy_state == TherapyState.STOPPED
    assert pump.handle(messages.Resume()).refusal == Refusal.INVALID_STATE


@pytest.mark.parametrize(("day", "first", "second"), [(4, 4, 5), (6, 6, 0)])
def test_flex_changes_schedule_at_midnight_by_the_weekday(day: int, first: int, second: int) -> None:
    weekend = 1 << 5 | 1 << 6
    pump = build.treating(
        (build.even_day(2, 120_000), [(0, 480_000)]), mode=Mode.FLEX, dose_ng_per_day=240_000, schedule_days=weekend
    )  # fmt: skip
    pump.handle(messages.SetClock(clock_day=day, clock_day_ticks=863_000))
    heard = build.Effects(pump)
    pump.leap(2_000)
    index = {True: 13, False: 1}[bool(weekend >> first & 1)], {True: 13, False: 0}[bool(weekend >> second & 1)]
    assert [effect[2] for effect in heard.named("flex_step")] == list(index)


def test_setting_the_clock_picks_the_flex_step_and_makes_nothing_up() -> None:
    pump = build.treating((build.even_day(4, 60_000), []), mode=Mode.FLEX, dose_ng_per_day=240_000)
    asked = pump.durable.commanded_q
    pump.handle(messages.SetClock(clock_day=0, clock_day_ticks=700_000))
    heard = build.Effects(pump)
    pump.leap(10)
    assert heard.named("flex_step") == [(pump.plant.tick - 9, "flex_step", 3, 120_000)]
    assert pump.durable.commanded_q - asked == 10 * 120_000
