"""The running CRC over the effects: written out by hand for a short story, so that no implementation judges itself."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import PATIENT, UPDATE_TICKS, commit
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Event, FluidKind, Level, Refusal, Role, TherapyState, ToneClass
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.messages import PatientBolus, Resume, SilenceAlarms, Stop, TestAlarm

SECTION: Final = "SEMANTICS 2, events"
Effect = tuple[int, int, int, int]


def running_crc(effects: list[Effect]) -> int:
    """The CRC after these (tick, code, arg_0, arg_1), from a start."""
    crc = 0
    for tick, code, arg_0, arg_1 in effects:
        numbers = ((crc, 4), (tick, 8), (code, 2), (arg_0, 4), (arg_1, 4))
        crc = crc32c(b"".join(number.to_bytes(size, "little") for number, size in numbers))
    return crc


def expect_effects(pump: Subject, effects: list[Effect]) -> None:
    """These and no others since the start, up to the tick that is reached."""
    report = pump.run_to(pump.tick)
    pump.expect("Report.effect_count", report.effect_count, len(effects))
    pump.expect("Report.effect_crc", report.effect_crc, running_crc(effects))


@check("effect.none-at-the-start", SECTION, Level.L1)
def none_at_the_start(pump: Subject) -> None:
    """A start leaves no effect, and a stopped pump that nobody speaks to makes none."""
    pump.start()
    expect_effects(pump, [])
    pump.at(5_000)
    expect_effects(pump, [])


@check("effect.of-requests-carry-the-completed-ticks", SECTION, Level.L1)
def of_requests(pump: Subject) -> None:
    """A request's effects carry the completed ticks, in the order of the page."""
    pump.start()
    pump.at(5)
    pump.open()
    pump.done(SilenceAlarms())
    pump.done(TestAlarm())
    pump.close()
    opened, closed = (5, Event.SESSION_OPENED, Role.CLINICIAN, 1), (5, Event.SESSION_CLOSED, Role.CLINICIAN, 0)
    expect_effects(pump, [opened, (5, Event.ALARMS_SILENCED, 0, 0), (5, Event.ALARM_TEST, 0, 0), closed])


@check("effect.of-a-whole-story", SECTION, Level.L1)
def of_a_whole_story(pump: Subject) -> None:
    """An update, a patient's bolus, a refused one, a stop and a resume leave exactly these effects in these ticks."""
    pump.start()
    pump.open()
    commit(pump, **PATIENT)
    pump.at(UPDATE_TICKS)
    bolus = pump.next_id()
    pump.ask(PatientBolus(), request_id=bolus)
    pump.at(UPDATE_TICKS + 100)
    refused = pump.next_id()
    pump.ask(PatientBolus(), request_id=refused)
    pump.done(Stop())
    pump.at(UPDATE_TICKS + 200)
    pump.done(Resume())
    pump.at(UPDATE_TICKS + 1_000)
    expect_effects(pump, [
        (0, Event.SESSION_OPENED, Role.CLINICIAN, 1), (0, Event.PROGRAM_STAGED, 7, 0), (0, Event.UPDATE_STARTED, 7, 1),
        (23, Event.PROGRAM_COMMITTED, 7, 2), (33, Event.DELIVERY_RESTARTED, TherapyState.THERAPY, 0),
        (33, Event.BOLUS_STARTED, FluidKind.PATIENT, 10_000), (133, Event.BOLUS_REFUSED, Refusal.BOLUS_IN_PROGRESS, refused),
        (133, Event.STOPPED, TherapyState.THERAPY, 0), (233, Event.RESUMED, 0, 0),
        # 600 ticks of bolus, 100 of them before the stop: 500 more after tick 233.
        (733, Event.BOLUS_ENDED, FluidKind.PATIENT, bolus),
    ])  # fmt: skip


@check("effect.alarm-before-its-tone", "SEMANTICS 4 phase 11", Level.L1)
def alarm_before_its_tone(pump: Subject) -> None:
    """An alarm that is raised, silenced and cleared brings its effects and those of the tone plan in this order."""
    pump.start({"stopped_alarm_ticks": 600})
    pump.at(700)
    pump.open()
    pump.done(SilenceAlarms())
    commit(pump)
    pump.at(800)
    stopped_too_long, critical = 6, ToneClass.CRITICAL
    expect_effects(pump, [
        (601, Event.ALARM_RAISED, stopped_too_long, 0), (601, Event.TONE_PLAN, critical, 6_000),
        (700, Event.SESSION_OPENED, Role.CLINICIAN, 1), (700, Event.ALARMS_SILENCED, 1 << stopped_too_long, 0),
        (700, Event.PROGRAM_STAGED, 7, 0), (700, Event.UPDATE_STARTED, 7, 1), (701, Event.TONE_PLAN, ToneClass.NONE, 0),
        (723, Event.PROGRAM_COMMITTED, 7, 2), (724, Event.ALARM_CLEARED, stopped_too_long, 0),
        (733, Event.DELIVERY_RESTARTED, TherapyState.THERAPY, 0),
    ])  # fmt: skip
