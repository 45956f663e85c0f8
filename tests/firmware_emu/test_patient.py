"""The patient's own bolus, and what keeps any 24 hours within the limit."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.plan import Plan
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Event, FluidKind, Mode, Refusal
from tests.firmware_emu import build

PATIENT: dict[str, Any] = {
    "patient_dose_ng": 6_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 6_000, "patient_count": 3,
}  # fmt: skip


def ask(pump: Pump, request_id: int = 1) -> messages.Started | messages.Refused:
    reply: messages.Started | messages.Refused = pump.handle(messages.PatientBolus(), request_id, request_id)
    return reply


def test_a_bolus_exactly_a_lockout_later_is_allowed_and_a_tick_earlier_is_not() -> None:
    pump = build.treating(**PATIENT)
    assert isinstance(ask(pump, 1), messages.Started)
    pump.leap(5_999)
    early = ask(pump, 2)
    assert isinstance(early, messages.Refused)
    assert (early.refusal, early.limit, early.value) == (Refusal.LOCKOUT, 6_000, 5_999)
    pump.tick()
    assert isinstance(ask(pump, 3), messages.Started)


def test_the_daily_maximum_counts_starts_less_than_24_hours_old() -> None:
    pump = build.treating(**PATIENT)
    first = pump.plant.tick
    for request_id in (1, 2, 3):
        assert isinstance(ask(pump, request_id), messages.Started)
        pump.leap(6_000)
    pump.leap(first + 864_000 - 1 - pump.plant.tick)
    full = ask(pump, 4)
    assert isinstance(full, messages.Refused)
    assert (full.refusal, full.limit, full.value) == (Refusal.DAILY_MAXIMUM, 3, 3)
    pump.tick()
    assert isinstance(ask(pump, 5), messages.Started)


def test_a_refused_bolus_is_logged_with_its_reason_and_request() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    assert ask(pump, 9).refusal == Refusal.NOT_ENABLED  # type: ignore[union-attr]
    assert heard == [(pump.plant.tick, "bolus_refused", Refusal.NOT_ENABLED, 9)]
    page = pump.handle(messages.ReadLog(from_seq=0))
    assert page.entries[-1].code == Event.BOLUS_REFUSED


def test_the_dose_window_refuses_what_the_next_day_and_the_bolus_would_give_together() -> None:
    # The rest of this hour and the 23 after it give 240 000 ng less a tenth of an hour's; a bolus may take what is left.
    pump = build.treating(dose_limit_ng=300_000)
    pump.leap(3_600 - pump.plant.tick)
    given_ng = -(-sum(pump.controller.hour_quanta) // 4)
    bolus_ng = 61_000 - given_ng
    over = pump.handle(messages.Bolus(dose_ng=bolus_ng + 2, volume_nl=bolus_ng // 2 + 1, duration_ticks=6_000), 1)
    assert (over.refusal, over.limit, over.value) == (Refusal.DOSE_LIMIT, 300_000, 300_002)
    exact = pump.handle(messages.Bolus(dose_ng=bolus_ng, volume_nl=bolus_ng // 2, duration_ticks=6_000), 2)
    assert isinstance(exact, messages.Started)


def test_the_dose_window_counts_what_is_still_owed() -> None:
    pump = build.treating(dose_limit_ng=295_000, **PATIENT)
    assert isinstance(pump.handle(messages.Bolus(dose_ng=50_000, volume_nl=25_000, duration_ticks=60_000), 1), messages.Started)
    pump.leap(100)
    assert ask(pump, 2).refusal == Refusal.DOSE_LIMIT  # type: ignore[union-attr]


def test_what_was_given_leaves_the_window_after_its_hours() -> None:
    pump = build.treating(dose_limit_ng=250_000, **PATIENT)
    # Half an hour counts whole on either side of the 24 hours.
    pump.leap(864_000 + 18_000)
    refused = ask(pump, 1)
    assert isinstance(refused, messages.Refused)
    assert refused.refusal == Refusal.DOSE_LIMIT
    pump.handle(messages.Stop())
    pump.leap(864_000 + 36_000)
    pump.handle(messages.Resume())
    assert isinstance(ask(pump, 2), messages.Started)


def test_a_program_that_would_give_too_much_is_not_verified() -> None:
    pump = build.started()
    said = build.verify(pump, build.stage(pump, dose_limit_ng=239_999).program_crc)
    assert (said.refusal, said.limit, said.value) == (Refusal.DOSE_LIMIT, 239_999, 240_000)
    assert isinstance(build.verify(pump, build.stage(pump, dose_limit_ng=240_000).program_crc), messages.Verified)


def test_a_patients_bolus_waits_for_prime_bridge_and_itself() -> None:
    pump = build.treating(**{**PATIENT, "patient_duration_ticks": 8_000})
    ask(pump, 1)
    pump.leap(6_000)
    again = ask(pump, 2)
    assert isinstance(again, messages.Refused)
    assert (again.refusal, again.value) == (Refusal.BOLUS_IN_PROGRESS, FluidKind.PATIENT)


FLEX = st.lists(st.tuples(st.integers(1, 1_439), st.integers(0, 100_000)), max_size=12, unique_by=lambda step: step[0])


@given(
    one=FLEX, other=FLEX, days=st.integers(0, 127), day=st.integers(0, 65_535), at=st.integers(0, 863_999),
    ticks=st.integers(0, 2_000_000),
)  # fmt: skip
def test_flow_over_a_stretch_equals_the_rates_minute_by_minute(
    one: build.Steps, other: build.Steps, days: int, day: int, at: int, ticks: int
) -> None:
    program = Program(mode=Mode.FLEX, concentration_ug_per_ml=700, schedule_days=days)
    for schedule, steps in enumerate((one, other)):
        ordered = [(0, 3_000), *sorted(steps)]
        for i, (minute, dose) in enumerate(ordered):
            program.flex_start_minute[13 * schedule + i], program.flex_dose_ng[13 * schedule + i] = minute, dose
    program.flex_0_count, program.flex_1_count = len(one) + 1, len(other) + 1
    plan = Plan(program.to_bytes(), 48_000)
    total, clock, left = 0, (day, at), ticks
    while left:
        piece = min(left, 600 - clock[1] % 600)
        total += piece * plan.basal_nl_per_day(*clock)
        left -= piece
        clock = (clock[0], clock[1] + piece) if clock[1] + piece < 864_000 else ((clock[0] + 1) % 65_536, 0)
    assert plan.flow_q(day, at, ticks) == total
