"""Every alarm: raised and cleared in its very tick, with its tone, listed while it stands, silenced without being forgotten."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import EFFECT_TICKS, FIRST_STEP, STEP_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Alarm, Fault, Level, RotorFault, StopMask, StopReason, TherapyState, ToneClass
from pumpbench.protocol.messages import Alarms, Inject, ReadAlarms, Refill, Refilled, SilenceAlarms, TestAlarm

SECTION: Final = "SEMANTICS 4 phase 11, 11"
DAY: Final = 864_000
SECOND_STEP: Final = FIRST_STEP + STEP_TICKS
"""Tick 752: the step that takes the 500 nl above a mark away."""
ERI: Final = 2_131_272_000
"""84 months less 90 days: 2 209 032 000 - 77 760 000."""
END: Final = 2_209_032_000
BOOT_TICKS: Final = 20
NEVER: Final = 1 << 62


def alarms(pump: Subject) -> Alarms:
    """The alarm list; opens a session where none is open."""
    if not pump.session:
        pump.open()
    reply = pump.ask(ReadAlarms())
    pump.expect_reply(reply, Alarms)
    listed: Alarms = reply
    return listed


def inject(pump: Subject, fault: int, *arguments: int) -> None:
    """A fault that the device must take."""
    arg_0, arg_1, arg_2 = (*arguments, 0, 0, 0)[:3]
    pump.report(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=arg_2))


def expect_raised(pump: Subject, alarm: int, tick: int, tone: int) -> None:
    """The alarm is raised in `tick`, neither before nor later."""
    name = Alarm.name_of(alarm)
    report = _next_change(pump, tick)
    pump.expect(f"tick in which {name} is raised", report.reached_tick, tick)
    pump.expect(f"Report.reason when {name} is raised", report.reason, StopReason.ALARM)
    pump.expect(f"Report.tone_class when {name} is raised", report.tone_class, tone)
    listed = alarms(pump)
    pump.expect(f"{name} listed at tick {tick}", bool(listed.alarms_active & Alarm.bit_of(alarm)), True)
    pump.expect(f"Alarms.{name}_tick", getattr(listed, f"{name}_tick"), tick)
    pump.expect("Alarms.tone_class", listed.tone_class, tone)


def expect_cleared(pump: Subject, alarm: int, tick: int) -> None:
    """The alarm is cleared in `tick`, neither before nor later, and leaves the list."""
    name = Alarm.name_of(alarm)
    report = _next_change(pump, tick)
    pump.expect(f"tick in which {name} is cleared", report.reached_tick, tick)
    listed = alarms(pump)
    pump.expect(f"{name} listed at tick {tick}", bool(listed.alarms_active & Alarm.bit_of(alarm)), False)
    pump.expect(f"Alarms.{name}_tick once it is cleared", getattr(listed, f"{name}_tick"), 0)


def _next_change(pump: Subject, tick: int) -> Any:
    """Where a credit ends that any alarm stops; a little beyond `tick` where none does."""
    return pump.run_to(tick + 2, StopMask.bit_of(StopMask.ALARM))


@check("alarm.none-at-the-start", SECTION)
def none_at_the_start(pump: Subject) -> None:
    """The list and its ticks agree: an alarm that is not on has tick 0, a silenced one is on."""
    pump.start()
    listed = alarms(pump)
    for name, value in Alarm.items():
        on = bool(listed.alarms_active & Alarm.bit_of(value))
        pump.expect(f"Alarms.{name}_tick is other than 0", getattr(listed, f"{name}_tick") != 0, on)
    pump.expect("silenced alarms that are not on", listed.alarms_silenced & ~listed.alarms_active, 0)


@check("alarm.low-reservoir", SECTION, Level.L1)
def low_reservoir(pump: Subject) -> None:
    """Raised in the tick whose step reaches the mark, with the non-critical tone; cleared in the tick after a refill."""
    pump.start(reservoir_estimated_nl=2_000_500)
    treat(pump)
    expect_raised(pump, Alarm.LOW_RESERVOIR, SECOND_STEP, ToneClass.NON_CRITICAL)
    pump.at(800)
    pump.expect_reply(pump.ask(Refill(measured_nl=2_000_000, fill_nl=18_000_000)), Refilled)
    expect_cleared(pump, Alarm.LOW_RESERVOIR, 801)


@check("alarm.low-reservoir-not-a-step-early", SECTION, Level.L1)
def low_reservoir_not_early(pump: Subject) -> None:
    """One step above the mark there is no alarm; the next step raises it."""
    pump.start(reservoir_estimated_nl=2_000_251)
    treat(pump)
    pump.at(FIRST_STEP)
    pump.expect_fields(pump.status(), reservoir_estimated_nl=2_000_001, alarms_active=0)
    expect_raised(pump, Alarm.LOW_RESERVOIR, SECOND_STEP, ToneClass.NON_CRITICAL)


@check("alarm.empty-reservoir", f"{SECTION}, 4 phase 10", Level.L1)
def empty_reservoir(pump: Subject) -> None:
    """Raised in the tick whose step reaches empty, with the critical tone, and delivery ends; a refill clears it."""
    pump.start(reservoir_estimated_nl=500_500)
    treat(pump, low_reservoir_nl=500_000)
    expect_raised(pump, Alarm.EMPTY_RESERVOIR, SECOND_STEP, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.EMPTY, rate_nl_per_day=0, step_count=2)
    pump.at(3_000)
    pump.expect_fields(pump.status(), step_count=2, reservoir_estimated_nl=500_000)
    pump.expect_reply(pump.ask(Refill(measured_nl=500_000, fill_nl=18_000_000)), Refilled)
    expect_cleared(pump, Alarm.EMPTY_RESERVOIR, 3_001)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.THERAPY, rate_nl_per_day=600_000)


@check("alarm.elective-replacement", f"{SECTION}, 4 phase 5", Level.L1)
def elective_replacement(pump: Subject) -> None:
    """Raised in the tick in which the pump's age reaches 84 months less 90 days; silencing does not clear it."""
    pump.start(life_ticks=ERI - 100)
    expect_raised(pump, Alarm.ELECTIVE_REPLACEMENT, 100, ToneClass.NON_CRITICAL)
    pump.expect_fields(pump.status(), replace_by_life_ticks=END)
    pump.done(SilenceAlarms())
    pump.at(5_000)
    pump.session = 0
    listed = alarms(pump)
    bit = Alarm.bit_of(Alarm.ELECTIVE_REPLACEMENT)
    pump.expect_fields(listed, alarms_active=bit, alarms_silenced=bit, tone_class=ToneClass.NONE, elective_replacement_tick=100)


@check("alarm.end-of-service", f"{SECTION}, 4 phase 5", Level.L1)
def end_of_service(pump: Subject) -> None:
    """Raised in the tick in which the pump's age reaches 84 months, with the critical tone; delivery has ended for good."""
    pump.start(life_ticks=END - 1_000)
    treat(pump)
    expect_raised(pump, Alarm.END_OF_SERVICE, 1_000, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.ENDED, rate_nl_per_day=0, step_count=2)
    pump.at(2_000)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.ENDED, step_count=2)


@check("alarm.motor-stall", f"{SECTION}, 4 phase 3", Level.L3)
def motor_stall(pump: Subject) -> None:
    """Raised in the tick after the third step in a row that the rotor did not turn; cleared after the first that it does."""
    pump.start()
    treat(pump)
    inject(pump, Fault.ROTOR, RotorFault.STALLED)
    third = FIRST_STEP + 2 * STEP_TICKS
    expect_raised(pump, Alarm.MOTOR_STALL, third + 1, ToneClass.CRITICAL)
    pump.at(third + 100)
    inject(pump, Fault.ROTOR, RotorFault.NONE)
    expect_cleared(pump, Alarm.MOTOR_STALL, third + STEP_TICKS + 1)


@check("alarm.two-missed-steps-are-no-stall", "SEMANTICS 4 phase 3", Level.L3)
def two_missed_are_no_stall(pump: Subject) -> None:
    """Two missed steps and one that turns begin the count anew."""
    pump.start()
    treat(pump)
    inject(pump, Fault.ROTOR, RotorFault.INTERMITTENT, 1, 2)
    report = pump.run_to(FIRST_STEP + 9 * STEP_TICKS, StopMask.bit_of(StopMask.ALARM))
    pump.expect("Report.reason of ten steps of which every third turns", report.reason, StopReason.TARGET)
    pump.session = 0
    pump.expect("Alarms.alarms_active", alarms(pump).alarms_active, 0)


@check("alarm.stopped-too-long", f"{SECTION}, 4 phase 5", Level.L1)
def stopped_too_long(pump: Subject) -> None:
    """Raised in the first tick that is longer than the limit; cleared in the tick after a program has taken effect."""
    pump.start({"stopped_alarm_ticks": 600})
    expect_raised(pump, Alarm.STOPPED_TOO_LONG, 601, ToneClass.CRITICAL)
    commit(pump)
    expect_cleared(pump, Alarm.STOPPED_TOO_LONG, 601 + EFFECT_TICKS + 1)


@check("alarm.stopped-48-hours", f"{SECTION}, 4 phase 5", Level.L1, 2 * DAY)
def stopped_48_hours(pump: Subject) -> None:
    """Undisturbed the limit is 48 hours: 1 728 000 ticks, and the alarm comes in the next."""
    pump.start()
    expect_raised(pump, Alarm.STOPPED_TOO_LONG, 2 * DAY + 1, ToneClass.CRITICAL)


@check("alarm.memory-error", f"{SECTION}, 10", Level.L3, 2 * DAY)
def memory_error(pump: Subject) -> None:
    """A slot that is neither erased nor valid is found by the daily self-test; a clean one clears the alarm."""
    pump.start()
    treat(pump)
    pump.close()
    inject(pump, Fault.MEMORY_FLIP, 0, 1)  # of slot 0, which is no longer the active one
    expect_raised(pump, Alarm.MEMORY_ERROR, DAY, ToneClass.NON_CRITICAL)
    inject(pump, Fault.MEMORY_FLIP, 0, 1)
    pump.session = 0
    expect_cleared(pump, Alarm.MEMORY_ERROR, 2 * DAY)


@check("alarm.critical-memory-error", f"{SECTION}, 9", Level.L3)
def critical_memory_error(pump: Subject) -> None:
    """With no valid program a boot ends in the safe state and raises it; a commit clears it in the tick it takes effect."""
    pump.start()
    inject(pump, Fault.MEMORY_FLIP, 5, 1)
    inject(pump, Fault.RESET)
    booted = 1 + BOOT_TICKS
    expect_raised(pump, Alarm.CRITICAL_MEMORY_ERROR, booted, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.SAFE_STATE, rate_nl_per_day=0)
    commit(pump)
    expect_cleared(pump, Alarm.CRITICAL_MEMORY_ERROR, booted + EFFECT_TICKS)


@check("alarm.critical-memory-error-found-daily", f"{SECTION}, 10", Level.L3, DAY)
def critical_memory_error_daily(pump: Subject) -> None:
    """An active slot that differs from the program in force is found by the daily self-test: safe state, and the alarm."""
    pump.start()
    treat(pump)
    pump.close()
    inject(pump, Fault.MEMORY_FLIP, 57 + 3, 1 << 31)
    expect_raised(pump, Alarm.CRITICAL_MEMORY_ERROR, DAY, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.SAFE_STATE)


@check("alarm.low-battery-reset", f"{SECTION}, 9, 12", Level.L3)
def low_battery_reset(pump: Subject) -> None:
    """A step above the minimum rate on a weak battery resets the pump; it boots to the minimum rate and raises the alarm."""
    # Resistance 20 000 mohm times 10 000 000 nC/mohm: below 200 000 000 000 nC of 9 000 000 000 000, 22 222 ppm.
    pump.start({"eri_mv": 1, "eos_mv": 1})
    treat(pump)
    inject(pump, Fault.BATTERY_CHARGE, 22_222)
    booted = FIRST_STEP + 1 + BOOT_TICKS
    pump.at(FIRST_STEP + 1)
    pump.session = 0
    expect_raised(pump, Alarm.LOW_BATTERY_RESET, booted, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.MINIMUM_RATE, rate_nl_per_day=48_000, clock_valid=0)
    inject(pump, Fault.BATTERY_CHARGE, 1_000_000)
    commit(pump)
    expect_cleared(pump, Alarm.LOW_BATTERY_RESET, booted + EFFECT_TICKS)


@check("alarm.critical-tone-outranks", "SEMANTICS 11", Level.L1)
def critical_outranks(pump: Subject) -> None:
    """Where a critical and a non-critical alarm stand, the tone is critical; both are listed."""
    pump.start({"stopped_alarm_ticks": 600}, reservoir_estimated_nl=1_000_000)
    expect_raised(pump, Alarm.LOW_RESERVOIR, 1, ToneClass.NON_CRITICAL)
    pump.close()
    expect_raised(pump, Alarm.STOPPED_TOO_LONG, 601, ToneClass.CRITICAL)
    both = Alarm.bit_of(Alarm.LOW_RESERVOIR) | Alarm.bit_of(Alarm.STOPPED_TOO_LONG)
    pump.expect_fields(alarms(pump), alarms_active=both, low_reservoir_tick=1, stopped_too_long_tick=601)


@check("alarm.silence-stills-and-keeps", "SEMANTICS 7.6, 11", Level.L1)
def silence_stills(pump: Subject) -> None:
    """Silencing stills the tone from the next tick on; the alarm stays listed with its tick, and a later one sounds."""
    pump.start({"stopped_alarm_ticks": 600}, reservoir_estimated_nl=1_000_000)
    expect_raised(pump, Alarm.LOW_RESERVOIR, 1, ToneClass.NON_CRITICAL)
    pump.done(SilenceAlarms())
    low = Alarm.bit_of(Alarm.LOW_RESERVOIR)
    pump.expect_fields(alarms(pump), alarms_active=low, alarms_silenced=low)
    report = pump.at(2)
    pump.expect("Report.tone_class in the tick after", report.tone_class, ToneClass.NONE)
    pump.expect_fields(alarms(pump), alarms_active=low, alarms_silenced=low, low_reservoir_tick=1, tone_class=ToneClass.NONE)
    pump.close()
    expect_raised(pump, Alarm.STOPPED_TOO_LONG, 601, ToneClass.CRITICAL)
    pump.expect_fields(alarms(pump), alarms_silenced=low)


@check("alarm.cleared-is-no-longer-silenced", "SEMANTICS 4 phase 11", Level.L1)
def cleared_is_no_longer_silenced(pump: Subject) -> None:
    """An alarm that clears leaves the list of silenced ones: when it comes again, it sounds."""
    pump.start(reservoir_estimated_nl=1_000_000)
    expect_raised(pump, Alarm.LOW_RESERVOIR, 1, ToneClass.NON_CRITICAL)
    pump.done(SilenceAlarms())
    pump.ask(Refill(measured_nl=1_000_000, fill_nl=3_000_000))
    expect_cleared(pump, Alarm.LOW_RESERVOIR, 2)
    pump.expect_fields(alarms(pump), alarms_active=0, alarms_silenced=0)
    pump.ask(Refill(measured_nl=3_000_000, fill_nl=1_000_000))
    expect_raised(pump, Alarm.LOW_RESERVOIR, 3, ToneClass.NON_CRITICAL)


@check("alarm.test-changes-none", "SEMANTICS 7.6, 4 phase 11", Level.L1)
def test_changes_none(pump: Subject) -> None:
    """An alarm test raises nothing, changes no plan, and makes exactly one effect."""
    pump.start()
    pump.open()
    before = pump.run_to(0)
    pump.done(TestAlarm())
    pump.expect("Report.effect_count after the test", pump.run_to(0).effect_count, before.effect_count + 1)
    report = pump.at(100)
    pump.expect("Report.effect_count when it is over", report.effect_count, before.effect_count + 1)
    pump.expect("Report.tone_class", report.tone_class, ToneClass.NONE)
    pump.expect_fields(alarms(pump), alarms_active=0, alarms_silenced=0, tone_class=ToneClass.NONE)
