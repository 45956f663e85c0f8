"""Basal delivery: steps in their ticks, the rest of a step kept over stop and resume, and the clock that picks a flex step."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import FIRST_STEP, STEP_TICKS, UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import FluidKind, IntervalUnit, Level, Mode, Refusal, StopMask, TherapyState
from pumpbench.protocol.messages import FlexStep, ReadStatus, Resume, SetClock, Stop

STEP: Final = "SEMANTICS 4 phase 9"
ACTUATOR: Final = StopMask.bit_of(StopMask.ACTUATOR)
MINUTE: Final = 600
HOUR: Final = 36_000
DAY: Final = 864_000


@check("delivery.steps-in-their-ticks", STEP, Level.L1)
def steps_in_their_ticks(pump: Subject) -> None:
    """At 600 000 nl/day a step comes every 360 ticks, the first 360 ticks after delivery begins; the estimate falls by 250 nl."""
    pump.start()
    treat(pump)
    pump.at(FIRST_STEP - 1)
    pump.expect_fields(pump.status(), step_count=0, reservoir_estimated_nl=18_000_000)
    for step in (1, 2, 3):
        pump.at(FIRST_STEP + (step - 1) * STEP_TICKS)
        pump.expect_fields(pump.status(), step_count=step, reservoir_estimated_nl=18_000_000 - 250 * step)


@check("delivery.fastest-is-a-step-in-nine-ticks", STEP, Level.L1)
def fastest(pump: Subject) -> None:
    """At 24 ml a day, the most there is, a step comes every 9 ticks, and never two in a tick."""
    pump.start()
    treat(pump, dose_ng_per_day=12_000_000, dose_limit_ng=48_000_000)
    begun = UPDATE_TICKS - 1
    for step in (1, 2, 3, 4):
        pump.expect_fields(pump.run_to(9_999, ACTUATOR), reached_tick=begun + 9 * step)
    pump.at(begun + 900)
    pump.expect_fields(pump.status(), step_count=100)


@check("delivery.uneven-rate-loses-nothing", STEP, Level.L1)
def uneven_rate(pump: Subject) -> None:
    """At a rate that does not divide a step the remainder is kept: after n ticks there are floor(n * rate / step) steps."""
    pump.start()
    treat(pump, dose_ng_per_day=350_000)  # 700 000 nl/day: 308.57 ticks a step
    for ticks in (308, 309, 617, 618, 925, 926, 2_160):
        pump.at(UPDATE_TICKS - 1 + ticks)
        pump.expect_fields(pump.status(), step_count=ticks * 700_000 // 216_000_000)


@check("delivery.stop-keeps-the-rest-of-a-step", "SEMANTICS 5", Level.L1)
def stop_keeps_the_rest(pump: Subject) -> None:
    """Stopped nothing is delivered; resumed, the step goes on from where it was, and nothing is made up."""
    pump.start()
    treat(pump)
    pump.at(UPDATE_TICKS - 1 + 200)
    pump.done(Stop())
    pump.expect_fields(pump.status(), therapy_state=TherapyState.STOPPED, rate_nl_per_day=0)
    stopped = pump.tick
    pump.at(stopped + 2_500)
    pump.expect_fields(pump.status(), step_count=0, stopped_ticks=2_500)
    pump.done(Resume())
    pump.expect_fields(pump.run_to(9_999, ACTUATOR), reached_tick=stopped + 2_500 + 160)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.THERAPY, stopped_ticks=0, step_count=1)


@check("delivery.stop-and-resume-twice-are-harmless", "SEMANTICS 5", Level.L1)
def twice_is_harmless(pump: Subject) -> None:
    """A stop of a stopped pump and a resume of one that treats are Done, change nothing and make no effect."""
    pump.start()
    treat(pump)
    for message, effects in ((Resume(), 0), (Stop(), 1), (Stop(), 0), (Resume(), 1), (Resume(), 0)):
        before = pump.run_to(pump.tick)
        pump.done(message)
        after = pump.run_to(pump.tick)
        pump.expect(f"effects of {type(message).__name__}", after.effect_count - before.effect_count, effects)


@check("delivery.minimum-rate-is-its-own", "SEMANTICS 4 phase 8", Level.L1)
def minimum_rate(pump: Subject) -> None:
    """A program of the minimum rate delivers 48 000 nl/day: a step every 4500 ticks."""
    pump.start({"session_timeout_ticks": 36_000})
    treat(pump, mode=Mode.MINIMUM_RATE, dose_ng_per_day=0)
    pump.expect_fields(pump.status(), rate_nl_per_day=48_000)
    for step in (1, 2):
        pump.expect_fields(pump.run_to(9_999, ACTUATOR), reached_tick=UPDATE_TICKS - 1 + 4_500 * step)


@check("delivery.flex-step-begins-in-its-minute", "SEMANTICS 3, 4 phase 7", Level.L1)
def flex_step(pump: Subject) -> None:
    """The flex step in force changes in the tick that begins its minute, over midnight to the first of the next day."""
    pump.start(clock_day=0, clock_day_ticks=12 * HOUR - 1_000)
    pump.open()
    steps = (FlexStep(start_minute=0, dose_ng=100_000), FlexStep(start_minute=720, dose_ng=200_000))
    commit(pump, steps, mode=Mode.FLEX, dose_ng_per_day=300_000)
    # 100 000 ng in 12 h are 400 000 nl/day, 200 000 ng 800 000.
    for tick, rate in ((UPDATE_TICKS, 400_000), (999, 400_000), (1_000, 800_000)):
        pump.at(tick)
        pump.expect_fields(pump.status(), rate_nl_per_day=rate)
    pump.done(SetClock(clock_day=0, clock_day_ticks=DAY - 10))
    for ticks, rate, day in ((9, 800_000, 0), (10, 400_000, 1)):
        pump.at(1_000 + ticks)
        pump.expect_fields(pump.status(), rate_nl_per_day=rate, clock_day=day)


@check("delivery.flex-other-days-have-their-own", "SEMANTICS 3", Level.L1)
def flex_other_days(pump: Subject) -> None:
    """Day 0 is a Monday: with Saturday and Sunday set apart, the other schedule holds on days 5 and 6, and not on day 7."""
    pump.start()
    pump.open()
    week, weekend = FlexStep(start_minute=0, dose_ng=300_000), FlexStep(start_minute=0, dose_ng=200_000)
    commit(pump, (week,), (weekend,), mode=Mode.FLEX, dose_ng_per_day=300_000, schedule_days=0b110_0000)
    pump.at(UPDATE_TICKS)
    for day, rate in ((0, 600_000), (4, 600_000), (5, 400_000), (6, 400_000), (7, 600_000), (12, 400_000)):
        pump.done(SetClock(clock_day=day, clock_day_ticks=100))
        pump.expect_fields(pump.status(), clock_day=day, rate_nl_per_day=rate)


@check("delivery.interval-bolus-is-due-after-an-interval", "SEMANTICS 4 phase 7, 6.1", Level.L1)
def interval_bolus(pump: Subject) -> None:
    """The first interval bolus starts one interval after the program takes effect, later ones an interval on."""
    pump.start()
    pump.open()
    every: dict[str, Any] = {"interval_unit": IntervalUnit.MINUTES, "interval_count": 15}
    each: dict[str, Any] = {"interval_dose_ng": 5_000, "interval_duration_ticks": 600}
    commit(pump, mode=Mode.INTERVAL_BOLUS, **every, **each)
    pump.at(23)
    pump.close()
    for due in (23 + 9_000, 23 + 18_000):
        pump.at(due - 1)
        pump.session = 0
        pump.open()
        pump.expect_fields(pump.status(), owed_nl=0, bolus_kind=FluidKind.NONE)
        pump.at(due)
        # In its own tick it has given a tick's share already: 14 400 000 q, 16.7 nl.
        pump.expect_fields(pump.status(), owed_nl=9_984, bolus_kind=FluidKind.INTERVAL)
        pump.close()


@check("delivery.single-bolus-stops-afterwards", "SEMANTICS 6.1, 4 phase 9", Level.L1)
def single_bolus(pump: Subject) -> None:
    """A single bolus begins when delivery does, and in the tick of its end the pump is stopped; resume is refused."""
    pump.start()
    pump.open()
    commit(pump, mode=Mode.SINGLE_BOLUS, dose_ng_per_day=0, single_dose_ng=5_000, single_duration_ticks=600)
    pump.at(UPDATE_TICKS - 1 + 599)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.THERAPY, bolus_kind=FluidKind.CLINICIAN, owed_nl=17)
    pump.at(UPDATE_TICKS - 1 + 600)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.STOPPED, owed_nl=0, step_count=40)
    pump.refused(Resume(), Refusal.INVALID_STATE, 0, TherapyState.STOPPED)


@check("delivery.clock-is-set-and-goes-on", "SEMANTICS 7.6", Level.L1)
def clock_is_set(pump: Subject) -> None:
    """The clock takes what it is set to and goes on from there, over midnight; what is no time of day is refused."""
    pump.start()
    pump.open()
    pump.refused(SetClock(clock_day=0, clock_day_ticks=DAY), Refusal.CLOCK_RANGE, DAY - 1, DAY)
    pump.done(SetClock(clock_day=65_535, clock_day_ticks=DAY - 1))
    pump.expect_fields(pump.ask(ReadStatus()), clock_day=65_535, clock_day_ticks=DAY - 1, clock_valid=1)
    pump.at(1)
    pump.expect_fields(pump.ask(ReadStatus()), clock_day=0, clock_day_ticks=0)
    pump.at(MINUTE)
    pump.expect_fields(pump.ask(ReadStatus()), clock_day=0, clock_day_ticks=MINUTE - 1, life_ticks=MINUTE)
