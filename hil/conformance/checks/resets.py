"""What a reset keeps and what it takes: age, clock, estimate, counts and alarms after the boot, each as the page says."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import alarms, expect_raised, inject
from pumpbench.hil.conformance.programs import FIRST_STEP, STEP_TICKS, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import (
    Alarm,
    Event,
    Fault,
    Level,
    Refusal,
    ResetCause,
    RotorFault,
    StopMask,
    TherapyState,
    ToneClass,
)
from pumpbench.protocol.messages import Bolus, Configure, LogPage, MeasureBattery, ReadLog, Status

SECTION: Final = "SEMANTICS 9"
BOOTED: Final = 21
"""Ticks from a reset that is injected to the end of the boot: one to take it, 20 to boot."""
HOUR: Final = 36_000
ERI: Final = 2_131_272_000


def _reset(pump: Subject) -> Status:
    """Resets now; the status once the pump has booted."""
    inject(pump, Fault.RESET)
    pump.at(pump.tick + BOOTED)
    pump.session = 0
    pump.open()
    return pump.status()


@check("reset.therapy-resumes-unasked", SECTION, Level.L3)
def therapy_resumes(pump: Subject) -> None:
    """After a reset therapy goes on with the program that was in force, from a whole step on; its cause and count show."""
    pump.start()
    treat(pump)
    crc = pump.status().program_crc
    pump.at(300)
    status = _reset(pump)
    pump.expect_fields(status, therapy_state=TherapyState.THERAPY, program_crc=crc, rate_nl_per_day=600_000)
    pump.expect_fields(status, boot_count=2, reset_cause=ResetCause.WATCHDOG, clock_valid=0)
    # The tick of the boot, 321, is the first that adds again; the 268 ticks before are lost.
    pump.expect_fields(pump.run_to(9_999, StopMask.bit_of(StopMask.ACTUATOR)), reached_tick=320 + STEP_TICKS)


@check("reset.age-takes-an-hour-more", SECTION, Level.L3)
def age(pump: Subject) -> None:
    """The age goes on from the check-point and an hour: what may be missing is never missing from it."""
    pump.start(life_ticks=5_000)
    pump.at(10)
    pump.expect_fields(_reset(pump), life_ticks=5_000 + HOUR + 1)


@check("reset.estimate-assumes-the-most", SECTION, Level.L3)
def estimate(pump: Subject) -> None:
    """The estimate falls by the most that can have flowed since the check-point: an hour at the rate, and a step."""
    pump.start()
    treat(pump)
    pump.expect_fields(_reset(pump), reservoir_estimated_nl=18_000_000 - 25_000 - 250)


@check("reset.window-counts-as-full", f"{SECTION} step 6, 7.7", Level.L3)
def window_is_full(pump: Subject) -> None:
    """After a reset each hour of the window counts a 26th of the limit: a bolus that would have fitted before is refused."""
    pump.start()
    treat(pump, dose_limit_ng=310_000)
    _reset(pump)
    # 1 240 000 // 26 = 47 692 quanta an hour. Up to 12 hours on the sum stays below the limit; at 13 it is 12 * 47 692,
    # 467 946 ticks of basal dose, 649 925 quanta, and 20 000 asked: 1 242 229 quanta, 310 558 ng.
    bolus = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)
    pump.refused(bolus, Refusal.DOSE_LIMIT, 310_000, 310_558)


@check("reset.stopped-time-counts-on", SECTION, Level.L3)
def stopped_time(pump: Subject) -> None:
    """A pump that was stopped counts an hour more without delivery, so that resets cannot put off the alarm."""
    pump.start()
    pump.at(10)
    pump.expect_fields(_reset(pump), therapy_state=TherapyState.STOPPED, stopped_ticks=HOUR + 1)


@check("reset.latched-alarm-stands", "SEMANTICS 11", Level.L3)
def latched_alarm(pump: Subject) -> None:
    """An alarm that is kept over a reset stands afterwards, with the tick in which it was raised."""
    pump.start(life_ticks=ERI - 100)
    pump.at(200)
    _reset(pump)
    pump.expect_fields(
        alarms(pump), alarms_active=Alarm.bit_of(Alarm.ELECTIVE_REPLACEMENT), elective_replacement_tick=100
    )  # fmt: skip


@check("reset.stall-stands-until-the-rotor-turns", "SEMANTICS 11", Level.L3)
def stall(pump: Subject) -> None:
    """A stall outlives a reset; stall and recovery are in the log with their rotor counts."""
    pump.start()
    treat(pump)
    inject(pump, Fault.ROTOR, RotorFault.STALLED)
    pump.at(FIRST_STEP + 2 * STEP_TICKS + 10)
    pump.session = 0
    status = _reset(pump)
    pump.expect_fields(status, alarms_active=Alarm.bit_of(Alarm.MOTOR_STALL))
    inject(pump, Fault.ROTOR, RotorFault.NONE)
    pump.at(pump.tick + STEP_TICKS + 1)
    page = pump.ask(ReadLog(from_seq=2))
    pump.expect_reply(page, LogPage)
    found = [(one.code, one.arg_0) for one in page.entries]
    raised, cleared = (Event.ALARM_RAISED, Alarm.MOTOR_STALL), (Event.ALARM_CLEARED, Alarm.MOTOR_STALL)
    boot = (Event.BOOT_COMPLETED, ResetCause.WATCHDOG)
    pump.expect("entries", found, [(Event.STALL_DETECTED, 0), raised, boot, (Event.STALL_RECOVERED, 1), cleared])


@check("service.ends-after-its-span", "SEMANTICS 4 phase 5", Level.L1)
def service_ends(pump: Subject) -> None:
    """A battery at its mark brings the replacement date forward, and the end of service is its span after that."""
    pump.start({"eri_to_eos_ticks": 1_000})
    pump.open()
    pump.done(Configure(config_index=CONFIG_INDEX["eri_mv"], value=5_000))
    pump.done(MeasureBattery())
    # Asked at tick 1, sensed in tick 2.
    expect_raised(pump, Alarm.ELECTIVE_REPLACEMENT, 2, ToneClass.NON_CRITICAL)
    pump.expect_fields(pump.status(), eri_life_ticks=2, eos_life_ticks=1_002, replace_by_life_ticks=1_002)
    expect_raised(pump, Alarm.END_OF_SERVICE, 1_002, ToneClass.CRITICAL)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.ENDED)
