"""The rules of a program, one check each: a program that breaks one is refused by its name, with its bound and its value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from pumpbench.hil.conformance.check import Check, check, declare
from pumpbench.hil.conformance.programs import program
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.programming import Plan, rate_check_nl_per_day, volume_check_nl
from pumpbench.protocol.codes import IntervalUnit, Level, Mode, Refusal
from pumpbench.protocol.messages import FlexStep, Staged, StageFlex, StageProgram, Verified, VerifyProgram

SECTION: Final = "SEMANTICS 3 rule {}"
RATE_MAX: Final = 24_000_000
RATE_MIN: Final = 48_000
DAY: Final = 864_000
Steps = tuple[tuple[int, int], ...]


class Rule(NamedTuple):
    """A program that breaks rule `number`, as changes to a simple one, and the refusal that has to follow."""

    name: str
    number: int
    refusal: int
    limit: int
    value: int
    changes: Mapping[str, Any]
    flex_0: Steps = ()
    flex_1: Steps = ()
    rate_off: int = 0
    volume_off: int = 0


MINUTES: Final = IntervalUnit.MINUTES
FLEX: Final = {"mode": Mode.FLEX, "dose_ng_per_day": 300_000}
INTERVAL: Final = {
    "mode": Mode.INTERVAL_BOLUS, "interval_unit": IntervalUnit.HOURS, "interval_count": 6, "interval_dose_ng": 10_000,
    "interval_duration_ticks": 6_000,
}  # fmt: skip
SINGLE: Final = {"mode": Mode.SINGLE_BOLUS, "dose_ng_per_day": 0, "single_dose_ng": 10_000, "single_duration_ticks": 6_000}
PATIENT: Final = {"patient_dose_ng": 5_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 36_000, "patient_count": 4}
STOPPED: Final = {"mode": Mode.STOPPED, "dose_ng_per_day": 0}
WHOLE: Final = ((0, 300_000),)

# Doses at 500 ug/ml: ng * 1000 / 500 nl. 23 999 ng/day are 47 998 nl/day; 12 000 001 ng/day are 24 000 002 nl/day.
RULES: Final = (
    Rule("mode-is-known", 1, Refusal.MODE_UNKNOWN, 5, 6, {"mode": 6}),
    Rule("concentration-at-least-1", 3, Refusal.CONCENTRATION_RANGE, 1, 0, {"concentration_ug_per_ml": 0}),
    Rule("concentration-at-most-4000", 3, Refusal.CONCENTRATION_RANGE, 4_000, 4_001, {"concentration_ug_per_ml": 4_001}),
    Rule("concentration-also-when-stopped", 3, Refusal.CONCENTRATION_RANGE, 1, 0, {**STOPPED, "concentration_ug_per_ml": 0}),
    Rule("simple-wants-a-dose", 4, Refusal.RATE_TOO_LOW, RATE_MIN, 0, {"dose_ng_per_day": 0}),
    Rule("rate-at-least-the-minimum", 4, Refusal.RATE_TOO_LOW, RATE_MIN, 47_998, {"dose_ng_per_day": 23_999}),
    Rule("rate-at-most-24-ml", 4, Refusal.RATE_TOO_HIGH, RATE_MAX, 24_000_002, {"dose_ng_per_day": 12_000_001}),
    Rule("single-has-no-basal-dose", 5, Refusal.FIELD_UNUSED, 0, 1, {**SINGLE, "dose_ng_per_day": 1}),
    Rule("flex-wants-steps", 6, Refusal.FLEX_COUNT, 13, 0, FLEX),
    Rule("flex-other-days-want-steps", 6, Refusal.FLEX_COUNT, 1, 0, {**FLEX, "schedule_days": 1}, WHOLE),
    Rule("flex-begins-at-midnight", 7, Refusal.FLEX_ORDER, 0, 60, FLEX, ((60, 300_000),)),
    Rule("flex-starts-rise", 7, Refusal.FLEX_ORDER, 60, 60, FLEX, ((0, 100_000), (60, 100_000), (60, 100_000))),
    # 300 000 ng within one minute: 600 000 nl * 1440 = 864 000 000 nl/day.
    Rule("flex-rate-at-most-24-ml", 8, Refusal.RATE_TOO_HIGH, RATE_MAX, 864_000_000, FLEX, ((0, 300_000), (1, 0))),
    # 1 ng over 24 hours: 2 nl/day.
    Rule("flex-rate-at-least-the-minimum", 8, Refusal.RATE_TOO_LOW, RATE_MIN, 2, {**FLEX, "dose_ng_per_day": 1}, ((0, 1),)),
    Rule("flex-sums-to-the-daily-dose", 9, Refusal.FLEX_SUM, 300_001, 300_000, {**FLEX, "dose_ng_per_day": 300_001}, WHOLE),
    Rule("flex-of-nothing-is-a-stop", 9, Refusal.RATE_TOO_LOW, RATE_MIN, 0, {**FLEX, "dose_ng_per_day": 0}, ((0, 0),)),
    Rule("flex-steps-only-in-flex", 10, Refusal.FIELD_UNUSED, 0, 1, {}, WHOLE),
    Rule("schedule-days-only-in-flex", 10, Refusal.FIELD_UNUSED, 0, 2, {"schedule_days": 2}),
    Rule("interval-wants-a-unit", 11, Refusal.INTERVAL_UNIT, 2, 0, {**INTERVAL, "interval_unit": IntervalUnit.NONE}),
    Rule("interval-unit-is-known", 11, Refusal.INTERVAL_UNIT, 2, 3, {**INTERVAL, "interval_unit": 3}),
    # Minutes for hours: 6 min are 3600 ticks, below 15 min; 169 h are 6 084 000 ticks, above a week.
    Rule("interval-at-least-15-min", 11, Refusal.INTERVAL_RANGE, 9_000, 3_600, {**INTERVAL, "interval_unit": MINUTES}),
    Rule("interval-at-most-a-week", 11, Refusal.INTERVAL_RANGE, 6_048_000, 6_084_000, {**INTERVAL, "interval_count": 169}),
    Rule("interval-wants-a-dose", 11, Refusal.VOLUME_RANGE, 1, 0, {**INTERVAL, "interval_dose_ng": 0}),
    Rule("interval-bolus-takes-a-second", 11, Refusal.DURATION_RANGE, 10, 9, {**INTERVAL, "interval_duration_ticks": 9}),
    Rule("interval-bolus-fits", 11, Refusal.DURATION_RANGE, 216_000, 216_001, {**INTERVAL, "interval_duration_ticks": 216_001}),
    # 10 000 ng are 20 000 nl; in 10 ticks: 20 000 * 864 000 // 10 nl/day.
    Rule("interval-bolus-rate", 11, Refusal.RATE_TOO_HIGH, RATE_MAX, 1_728_000_000, {**INTERVAL, "interval_duration_ticks": 10}),
    Rule("interval-fields-only-there", 12, Refusal.FIELD_UNUSED, 0, 6, {"interval_count": 6}),
    Rule("single-wants-a-dose", 13, Refusal.VOLUME_RANGE, 1, 0, {**SINGLE, "single_dose_ng": 0}),
    Rule("single-takes-a-second", 13, Refusal.DURATION_RANGE, 10, 9, {**SINGLE, "single_duration_ticks": 9}),
    Rule("single-at-most-a-day", 13, Refusal.DURATION_RANGE, DAY, DAY + 1, {**SINGLE, "single_duration_ticks": DAY + 1}),
    Rule("single-rate", 13, Refusal.RATE_TOO_HIGH, RATE_MAX, 1_728_000_000, {**SINGLE, "single_duration_ticks": 10}),
    Rule("single-fields-only-there", 14, Refusal.FIELD_UNUSED, 0, 77, {"single_duration_ticks": 77}),
    Rule("patient-not-with-single", 15, Refusal.FIELD_UNUSED, 0, 5_000, {**SINGLE, **PATIENT}),
    Rule("patient-takes-a-second", 15, Refusal.DURATION_RANGE, 10, 9, {**PATIENT, "patient_duration_ticks": 9}),
    # 10 000 nl in 10 ticks: 864 000 000 nl/day.
    Rule("patient-rate", 15, Refusal.RATE_TOO_HIGH, RATE_MAX, 864_000_000, {**PATIENT, "patient_duration_ticks": 10}),
    Rule("lockout-at-least-a-minute", 15, Refusal.LOCKOUT_RANGE, 600, 599, {**PATIENT, "patient_lockout_ticks": 599}),
    Rule("lockout-at-most-a-day", 15, Refusal.LOCKOUT_RANGE, DAY, DAY + 1, {**PATIENT, "patient_lockout_ticks": DAY + 1}),
    Rule("patient-count-at-least-1", 15, Refusal.PATIENT_COUNT_RANGE, 1, 0, {**PATIENT, "patient_count": 0}),
    Rule("patient-count-at-most-8", 15, Refusal.PATIENT_COUNT_RANGE, 8, 9, {**PATIENT, "patient_count": 9}),
    Rule("patient-fields-need-a-dose", 16, Refusal.FIELD_UNUSED, 0, 36_000, {"patient_lockout_ticks": 36_000}),
    Rule("bridge-not-with-single", 17, Refusal.FIELD_UNUSED, 0, 1, {**SINGLE, "bridge": 1}),
    Rule("rate-is-derived-alike", 18, Refusal.RATE_MISMATCH, 600_000, 600_001, {}, rate_off=1),
    Rule("volume-is-derived-alike", 19, Refusal.VOLUME_MISMATCH, 10_000, 10_001, PATIENT, volume_off=1),
    Rule("low-mark-at-most-the-capacity", 20, Refusal.THRESHOLD_RANGE, 20_000_000, 20_000_001, {"low_reservoir_nl": 20_000_001}),
    Rule("low-mark-at-least-empty", 20, Refusal.THRESHOLD_RANGE, 500_000, 499_999, {"low_reservoir_nl": 499_999}),
    Rule("low-mark-also-when-stopped", 20, Refusal.THRESHOLD_RANGE, 500_000, 0, {**STOPPED, "low_reservoir_nl": 0}),
    Rule("tone-interval-at-least-30-s", 21, Refusal.TONE_INTERVAL_RANGE, 300, 299, {"critical_interval_ticks": 299}),
    Rule("tone-interval-at-most-2-h", 21, Refusal.TONE_INTERVAL_RANGE, 72_000, 72_001, {"critical_interval_ticks": 72_001}),
    Rule("limit-at-least-1", 22, Refusal.LIMIT_RANGE, 1, 0, {"dose_limit_ng": 0}),
    Rule("limit-at-most-48-mg", 22, Refusal.LIMIT_RANGE, 48_000_000, 48_000_001, {"dose_limit_ng": 48_000_001}),
)  # fmt: skip


def _steps(steps: Steps) -> tuple[FlexStep, ...]:
    return tuple(FlexStep(start_minute=minute, dose_ng=dose) for minute, dose in steps)


def stage(pump: Subject, staged: StageProgram, flex: tuple[tuple[FlexStep, ...], ...] = ()) -> int:
    """Stages a program with its schedules; the CRC of what is staged then."""
    reply = pump.ask(staged)
    for schedule, steps in enumerate(flex):
        pump.expect_reply(reply, Staged)
        reply = pump.ask(StageFlex(schedule=schedule, steps=steps)) if steps else reply
    pump.expect_reply(reply, Staged)
    return int(reply.program_crc)


def verify(pump: Subject, rule: Rule) -> Any:
    """Stages the rule's program and asks for its judgement."""
    plan = Plan(program(**rule.changes), _steps(rule.flex_0), _steps(rule.flex_1))
    crc = stage(pump, plan.program, (plan.flex_0, plan.flex_1))
    return pump.ask(
        VerifyProgram(
            program_crc=crc,
            rate_check_nl_per_day=rate_check_nl_per_day(plan) + rule.rate_off,
            volume_check_nl=volume_check_nl(plan) + rule.volume_off,
        )  # fmt: skip
    )


def _broken(rule: Rule, pump: Subject) -> None:
    pump.start()
    pump.open()
    pump.is_refused("VerifyProgram", verify(pump, rule), rule.refusal, rule.limit, rule.value)


for _rule in RULES:
    _statement = (
        f"A program that breaks rule {_rule.number} is refused {Refusal.name_of(_rule.refusal)} ({_rule.limit}, {_rule.value})."
    )
    declare(Check(f"program.{_rule.name}", _statement, SECTION.format(_rule.number), Level.L0, partial(_broken, _rule)))


@check("program.good-ones-pass", "SEMANTICS 3")
def good_ones_pass(pump: Subject) -> None:
    """A program of each mode that keeps every rule is verified, with its daily dose."""
    pump.start()
    pump.open()
    good: tuple[tuple[Mapping[str, Any], Steps, int], ...] = (
        ({}, (), 300_000), (STOPPED, (), 0), (SINGLE, (), 10_000), (FLEX, ((0, 100_000), (720, 200_000)), 300_000),
        # Six-hourly: four of 10 000 ng beside the basal dose.
        (INTERVAL, (), 340_000), (PATIENT, (), 300_000),
        # The minimum rate, 48 000 nl/day, carries 24 000 ng.
        ({"mode": Mode.MINIMUM_RATE, "dose_ng_per_day": 0}, (), 24_000),
    )  # fmt: skip
    for changes, flex, daily_ng in good:
        verified = verify(pump, Rule("", 0, 0, 0, 0, changes, flex))
        pump.expect_reply(verified, Verified)
        pump.expect_fields(verified, daily_dose_ng=daily_ng)
