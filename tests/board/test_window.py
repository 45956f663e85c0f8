"""How the firmware judges 24 hours of dose: windows of whole hours, and no refusal of what gives no more than goes on anyway."""

from typing import Any

import pytest

from pumpbench.protocol.codes import Fault, IntervalUnit, Mode, Refusal
from pumpbench.protocol.limits import TICKS_PER_HOUR
from pumpbench.protocol.messages import (
    Bolus,
    CommitProgram,
    Done,
    FlexStep,
    Inject,
    Refused,
    SetClock,
    StageFlex,
    StageProgram,
    Started,
    Stop,
    VerifyProgram,
)
from tests.board.bench import SIMPLE, Bench, replace

PLAIN = replace(SIMPLE, patient_count=0, patient_dose_ng=0, patient_duration_ticks=0, patient_lockout_ticks=0)
STEP_NG = 500
# Two days and a half hour: the hour that runs is half over.
HALF_PAST_TICK = 2 * 864_000 + TICKS_PER_HOUR // 2


def given(program: StageProgram, rate_check: int, volume_check: int = 0, at_tick: int = 0) -> Bench:
    """Armed, and that program committed at a tick."""
    bench = Bench()
    bench.arm()
    bench.run_to(at_tick)
    bench.open()
    assert isinstance(bench.commit(program, rate_check, volume_check), Done)
    return bench


def opened_at(bench: Bench, tick: int) -> Bench:
    """Run to a tick by which the session has gone, with a new one."""
    bench.run_to(tick)
    bench.session = 0
    bench.open(nonce=tick)
    return bench


def refusal_of(reply: object) -> tuple[str, int, int]:
    assert isinstance(reply, Refused), reply
    return Refusal.name_of(reply.refusal), reply.limit, reply.value


def bolus(bench: Bench, dose_ng: int) -> Any:
    return bench.ask(Bolus(dose_ng=dose_ng, volume_nl=dose_ng // 2, duration_ticks=600))


def test_limit_refuses_no_program_that_gives_less_than_goes_on() -> None:
    less = replace(PLAIN, program_id=10, dose_ng_per_day=300_000, dose_limit_ng=300_000)
    bench = opened_at(given(PLAIN, 200_000), HALF_PAST_TICK)
    assert isinstance(bench.commit(less, 150_000, 0), Done)


def test_limit_refuses_the_same_program_where_nothing_goes_on() -> None:
    less = replace(PLAIN, program_id=10, dose_ng_per_day=300_000, dose_limit_ng=300_000)
    bench = opened_at(given(PLAIN, 200_000), HALF_PAST_TICK)
    bench.ask(Stop())
    name, limit, value = refusal_of(bench.commit(less, 150_000, 0))
    # 24 hours and a half at 400 000 ng a day are 408 333 ng, in whole steps.
    assert (name, limit) == ("dose_limit", 300_000)
    assert value in (408_000, 408_500)


def test_limit_refuses_a_program_that_gives_more_than_goes_on() -> None:
    more = replace(PLAIN, program_id=10, dose_ng_per_day=450_000, dose_limit_ng=450_000)
    bench = opened_at(given(PLAIN, 200_000), HALF_PAST_TICK - 2_000)
    assert isinstance(bench.ask(Bolus(dose_ng=50_000, volume_nl=25_000, duration_ticks=1_200)), Started)
    bench.run_to(HALF_PAST_TICK)
    # Half an hour on: the bolus, 23 h 30 min of the old basal and 30 min of the new one are 451 042 ng.
    name, limit, value = refusal_of(bench.commit(more, 225_000, 0))
    assert (name, limit) == ("dose_limit", 450_000)
    assert abs(value - 451_042) < STEP_NG


@pytest.mark.parametrize(("limit_ng", "allowed"), [(399_999, False), (400_000, True)])
def test_program_that_breaks_its_own_limit_every_day_is_refused_in_the_middle_of_an_hour(limit_ng: int, allowed: bool) -> None:
    bench = Bench()
    bench.arm()
    bench.run_to(TICKS_PER_HOUR // 2)
    bench.open()
    reply = bench.commit(replace(PLAIN, dose_limit_ng=limit_ng), 200_000, 0)
    if allowed:
        assert isinstance(reply, Done)
    else:
        assert refusal_of(reply) == ("dose_limit", 399_999, 400_000)


def test_own_limit_counts_the_interval_boluses_of_a_day() -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    every = replace(
        PLAIN, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=IntervalUnit.HOURS, interval_count=6,
        interval_dose_ng=10_000, interval_duration_ticks=600, dose_limit_ng=39_999,
    )  # fmt: skip
    assert refusal_of(bench.commit(every, 0, 5_000)) == ("dose_limit", 39_999, 40_000)
    assert isinstance(bench.commit(replace(every, dose_limit_ng=40_000), 0, 5_000), Done)


def test_stopped_program_has_no_dose_to_limit() -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    stopped = replace(PLAIN, mode=Mode.STOPPED, dose_ng_per_day=0, dose_limit_ng=1)
    assert isinstance(bench.commit(stopped, 0, 0), Done)


def test_bolus_is_judged_over_the_hour_that_runs_and_the_24_before_it() -> None:
    # 24 h 30 min of basal and the bolus are 428 333 ng; 25 h or 26 h would be 436 667 or more.
    room = opened_at(given(replace(PLAIN, dose_limit_ng=430_000), 200_000), HALF_PAST_TICK)
    assert isinstance(bolus(room, 20_000), Started)
    none = opened_at(given(replace(PLAIN, dose_limit_ng=427_000), 200_000), HALF_PAST_TICK)
    name, limit, value = refusal_of(bolus(none, 20_000))
    assert (name, limit) == ("dose_limit", 427_000)
    assert abs(value - 428_333) < STEP_NG


def test_bolus_is_not_excused_by_what_goes_on() -> None:
    bench = opened_at(given(PLAIN, 200_000), HALF_PAST_TICK)
    assert isinstance(bench.commit(replace(PLAIN, program_id=10, dose_limit_ng=400_000), 200_000, 0), Done)
    bench.run_to(HALF_PAST_TICK + 100)
    assert refusal_of(bolus(bench, 500))[0] == "dose_limit"


@pytest.mark.parametrize("limit_ng", [25_000, 30_000])
def test_interval_boluses_less_than_a_day_apart_count_together(limit_ng: int) -> None:
    # One of 10 000 ng every 23 h 30 min: at 24:58 and 48:28. At 47:40 the first is in the 24th hour before the next one's.
    every = replace(
        PLAIN, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=IntervalUnit.MINUTES, interval_count=1_410,
        interval_dose_ng=10_000, interval_duration_ticks=200, dose_limit_ng=limit_ng,
    )  # fmt: skip
    bench = opened_at(given(every, 0, 5_000, at_tick=52_900), 47 * TICKS_PER_HOUR + 24_000)
    reply = bolus(bench, 10_000)
    if limit_ng == 30_000:
        assert isinstance(reply, Started)
    else:
        assert refusal_of(reply) == ("dose_limit", 25_000, 30_000)


def by_the_clock() -> Bench:
    """100 000 ng from midnight to one, 96 000 over the rest of the day; it is two in the morning of the first day."""
    bench = Bench()
    bench.arm()
    bench.open()
    bench.ask(replace(PLAIN, mode=Mode.FLEX, dose_ng_per_day=196_000, dose_limit_ng=210_000))
    steps = (FlexStep(start_minute=0, dose_ng=100_000), FlexStep(start_minute=60, dose_ng=96_000))
    crc = bench.ask(StageFlex(schedule=0, steps=steps)).program_crc
    verified = bench.ask(VerifyProgram(program_crc=crc, rate_check_nl_per_day=1_250_087, volume_check_nl=0))
    committed = CommitProgram(program_crc=crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=196_000)
    assert isinstance(bench.ask(committed), Done)
    return opened_at(bench, 2 * TICKS_PER_HOUR)


def test_clock_turned_back_repeats_no_step() -> None:
    bench = by_the_clock()
    assert refusal_of(bench.ask(SetClock(clock_day=0, clock_day_ticks=0)))[:2] == ("dose_limit", 210_000)
    assert isinstance(bench.ask(SetClock(clock_day=0, clock_day_ticks=54_000)), Done)


def test_clock_set_to_itself_is_excused_under_any_limit() -> None:
    bench = opened_at(given(PLAIN, 200_000), HALF_PAST_TICK)
    assert isinstance(bench.commit(replace(PLAIN, program_id=10, dose_limit_ng=400_000), 200_000, 0), Done)
    bench.run_to(HALF_PAST_TICK + 100)
    assert isinstance(bench.ask(SetClock(clock_day=5, clock_day_ticks=1_000)), Done)


def test_clock_that_a_reset_made_invalid_can_always_be_set() -> None:
    bench = by_the_clock()
    bench.ask(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    opened_at(bench, 2 * TICKS_PER_HOUR + 100)
    assert isinstance(bench.ask(SetClock(clock_day=0, clock_day_ticks=0)), Done)
    # It is valid again, and so is judged again: the midnight dose may not come once more an hour later.
    bench.run_to(3 * TICKS_PER_HOUR)
    opened_at(bench, 3 * TICKS_PER_HOUR + 100)
    assert refusal_of(bench.ask(SetClock(clock_day=0, clock_day_ticks=0)))[0] == "dose_limit"
