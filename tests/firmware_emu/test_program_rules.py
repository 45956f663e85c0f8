"""Each rule of a program, broken alone: the refusal that names it, the bound, and what was found."""

from typing import Any

import pytest

from pumpbench.protocol import messages
from pumpbench.protocol.codes import Mode, Refusal
from pumpbench.protocol.layout import replace
from tests.firmware_emu import build

PATIENT: dict[str, Any] = {
    "patient_dose_ng": 6_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 6_000, "patient_count": 3,
}  # fmt: skip
INTERVAL: dict[str, Any] = {
    "mode": Mode.INTERVAL_BOLUS, "dose_ng_per_day": 0, "interval_unit": 2, "interval_count": 6, "interval_dose_ng": 20_000,
    "interval_duration_ticks": 600,
}  # fmt: skip
SINGLE: dict[str, Any] = {"mode": Mode.SINGLE_BOLUS, "dose_ng_per_day": 0, "single_dose_ng": 20_000, "single_duration_ticks": 600}
STOPPED: dict[str, Any] = {"mode": Mode.STOPPED, "dose_ng_per_day": 0}
TOP = 24_000_000


def judged(flex: tuple[build.Steps, build.Steps] = ([], []), **program: Any) -> Any:
    pump = build.started()
    return build.verify(pump, build.stage(pump, flex, **program).program_crc)


@pytest.mark.parametrize(
    ("program", "refusal", "limit", "value"),
    [
        ({"mode": 6}, Refusal.MODE_UNKNOWN, 5, 6),
        ({"concentration_ug_per_ml": 0}, Refusal.CONCENTRATION_RANGE, 1, 0),
        ({"concentration_ug_per_ml": 4_001}, Refusal.CONCENTRATION_RANGE, 4_000, 4_001),
        ({**STOPPED, "concentration_ug_per_ml": 0}, Refusal.CONCENTRATION_RANGE, 1, 0),
        ({"dose_ng_per_day": 0}, Refusal.RATE_TOO_LOW, 48_000, 0),
        ({"dose_ng_per_day": 95_998}, Refusal.RATE_TOO_LOW, 48_000, 47_999),
        ({"dose_ng_per_day": 48_000_001}, Refusal.RATE_TOO_HIGH, TOP, TOP + 1),
        ({"mode": Mode.MINIMUM_RATE}, Refusal.FIELD_UNUSED, 0, 240_000),
        ({"mode": Mode.FLEX}, Refusal.FLEX_COUNT, 13, 0),
        ({"schedule_days": 3}, Refusal.FIELD_UNUSED, 0, 3),
        ({"interval_count": 2}, Refusal.FIELD_UNUSED, 0, 2),
        ({**INTERVAL, "interval_unit": 0}, Refusal.INTERVAL_UNIT, 2, 0),
        ({**INTERVAL, "interval_unit": 1, "interval_count": 14}, Refusal.INTERVAL_RANGE, 9_000, 8_400),
        ({**INTERVAL, "interval_count": 169}, Refusal.INTERVAL_RANGE, 6_048_000, 6_084_000),
        ({**INTERVAL, "interval_dose_ng": 0}, Refusal.VOLUME_RANGE, 1, 0),
        ({**INTERVAL, "interval_duration_ticks": 9}, Refusal.DURATION_RANGE, 10, 9),
        ({**INTERVAL, "interval_duration_ticks": 216_001}, Refusal.DURATION_RANGE, 216_000, 216_001),
        ({**INTERVAL, "interval_duration_ticks": 10}, Refusal.RATE_TOO_HIGH, TOP, 864_000_000),
        ({**SINGLE, "single_dose_ng": 0}, Refusal.VOLUME_RANGE, 1, 0),
        ({**SINGLE, "single_duration_ticks": 864_001}, Refusal.DURATION_RANGE, 864_000, 864_001),
        ({"single_dose_ng": 5}, Refusal.FIELD_UNUSED, 0, 5),
        ({**SINGLE, **PATIENT}, Refusal.FIELD_UNUSED, 0, 6_000),
        ({**PATIENT, "patient_duration_ticks": 0}, Refusal.DURATION_RANGE, 10, 0),
        ({**PATIENT, "patient_duration_ticks": 10}, Refusal.RATE_TOO_HIGH, TOP, 259_200_000),
        ({**PATIENT, "patient_lockout_ticks": 599}, Refusal.LOCKOUT_RANGE, 600, 599),
        ({**PATIENT, "patient_lockout_ticks": 864_001}, Refusal.LOCKOUT_RANGE, 864_000, 864_001),
        ({**PATIENT, "patient_count": 0}, Refusal.PATIENT_COUNT_RANGE, 1, 0),
        ({**PATIENT, "patient_count": 9}, Refusal.PATIENT_COUNT_RANGE, 8, 9),
        ({"patient_lockout_ticks": 600}, Refusal.FIELD_UNUSED, 0, 600),
        ({**SINGLE, "bridge": 1}, Refusal.FIELD_UNUSED, 0, 1),
        ({"low_reservoir_nl": 20_000_001}, Refusal.THRESHOLD_RANGE, 20_000_000, 20_000_001),
        ({"low_reservoir_nl": 499_999}, Refusal.THRESHOLD_RANGE, 500_000, 499_999),
        ({**STOPPED, "low_reservoir_nl": 499_999}, Refusal.THRESHOLD_RANGE, 500_000, 499_999),
        ({"critical_interval_ticks": 299}, Refusal.TONE_INTERVAL_RANGE, 300, 299),
        ({"critical_interval_ticks": 72_001}, Refusal.TONE_INTERVAL_RANGE, 72_000, 72_001),
        ({"dose_limit_ng": 0}, Refusal.LIMIT_RANGE, 1, 0),
        ({"dose_limit_ng": 48_000_001}, Refusal.LIMIT_RANGE, 48_000_000, 48_000_001),
    ],
)
def test_a_program_is_refused_by_the_rule_it_breaks(program: dict[str, Any], refusal: int, limit: int, value: int) -> None:
    said = judged(**program)
    assert (Refusal.name_of(said.refusal), said.limit, said.value) == (Refusal.name_of(refusal), limit, value)


@pytest.mark.parametrize(
    ("flex", "program", "refusal", "limit", "value"),
    [
        (([(1, 9_000)], []), {"dose_ng_per_day": 9_000}, Refusal.FLEX_ORDER, 0, 1),
        (([(0, 9_000), (60, 9_000), (60, 1)], []), {"dose_ng_per_day": 18_001}, Refusal.FLEX_ORDER, 60, 60),
        (([(0, 240_000)], []), {"dose_ng_per_day": 240_001}, Refusal.FLEX_SUM, 240_001, 240_000),
        (([(0, 240_000)], []), {"dose_ng_per_day": 240_000, "schedule_days": 1}, Refusal.FLEX_COUNT, 1, 0),
        (([(0, 240_000)], [(0, 240_000), (1_439, 1)]), {"dose_ng_per_day": 240_000}, Refusal.RATE_TOO_LOW, 48_000, 720),
        (([(0, 1_000), (1_439, 50_000_000)], []), {"dose_ng_per_day": 50_001_000}, Refusal.RATE_TOO_LOW, 48_000, 500),
        (([(0, 0), (1_439, 50_000_000)], []), {"dose_ng_per_day": 50_000_000}, Refusal.RATE_TOO_HIGH, TOP, 2**32 - 1),
    ],
)
def test_a_flex_program_is_refused_by_the_rule_it_breaks(
    flex: tuple[build.Steps, build.Steps], program: dict[str, Any], refusal: int, limit: int, value: int
) -> None:
    said = judged(flex, mode=Mode.FLEX, **program)
    assert (Refusal.name_of(said.refusal), said.limit, said.value) == (Refusal.name_of(refusal), limit, value)


@pytest.mark.parametrize("program", [{}, PATIENT, INTERVAL, SINGLE, STOPPED, {"mode": Mode.MINIMUM_RATE, "dose_ng_per_day": 0}])
def test_a_sound_program_of_each_mode_is_verified(program: dict[str, Any]) -> None:
    assert isinstance(judged(**program), messages.Verified)


def test_the_programmers_own_sums_are_compared_with_the_pumps() -> None:
    pump = build.started()
    crc = build.stage(pump, **PATIENT).program_crc
    right = messages.VerifyProgram(program_crc=crc, rate_check_nl_per_day=120_000, volume_check_nl=3_000)
    rate = pump.handle(replace(right, rate_check_nl_per_day=120_001))
    volume = pump.handle(replace(right, volume_check_nl=0))
    assert (rate.refusal, rate.limit, rate.value) == (Refusal.RATE_MISMATCH, 120_000, 120_001)
    assert (volume.refusal, volume.limit, volume.value) == (Refusal.VOLUME_MISMATCH, 3_000, 0)
    assert isinstance(pump.handle(right), messages.Verified)


def test_the_first_broken_rule_speaks_where_several_are_broken() -> None:
    assert judged(concentration_ug_per_ml=0, dose_limit_ng=0, critical_interval_ticks=0).refusal == Refusal.CONCENTRATION_RANGE


def test_a_bridge_that_would_be_too_fast_is_refused_for_its_rate() -> None:
    pump = build.treating(concentration_ug_per_ml=1, dose_ng_per_day=120)
    crc = build.stage(pump, bridge=1, dose_ng_per_day=240_000).program_crc
    said = build.verify(pump, crc)
    assert (said.refusal, said.limit, said.value) == (Refusal.RATE_TOO_HIGH, TOP, 240_000_000)
