"""Tones: which ticks sound, by the plan that the alarms make; counted by the plant, so that a late tick shows."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import alarms, inject
from pumpbench.hil.conformance.states import states_of
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Alarm, Fault, Level, ToneClass
from pumpbench.protocol.messages import SilenceAlarms, TestAlarm

SECTION: Final = "SEMANTICS 4 phase 11, 11, 12"
LOW_NL: Final = 1_000_000
"""An estimate below the start's low mark: the alarm is raised in tick 1."""


def _sounded(pump: Subject, ticks: dict[int, int]) -> None:
    """So many ticks have sounded once each of these is done."""
    for tick, count in ticks.items():
        pump.at(tick)
        pump.expect(f"ticks that sounded up to {tick}", states_of(pump)["plant"].tone_tick_count, count)


@check("tone.non-critical-sounds-a-second-an-hour", SECTION, Level.L3)
def non_critical(pump: Subject) -> None:
    """A non-critical alarm sounds 10 ticks from its tick on, and again each 36 000 ticks."""
    pump.start(reservoir_estimated_nl=LOW_NL)
    _sounded(pump, {1: 1, 10: 10, 11: 10, 36_000: 10, 36_001: 11, 36_010: 20, 36_011: 20})


@check("tone.critical-sounds-by-its-interval", SECTION, Level.L3)
def critical(pump: Subject) -> None:
    """A critical alarm sounds 30 ticks from its tick on, and again each interval of the program, here 6000 ticks."""
    pump.start({"stopped_alarm_ticks": 600})
    _sounded(pump, {600: 0, 601: 1, 630: 30, 631: 30, 6_600: 30, 6_601: 31, 6_630: 60, 6_631: 60})


@check("tone.plan-is-the-controllers", SECTION, Level.L3)
def plan(pump: Subject) -> None:
    """Controller and plant hold one plan: class, onset, period and duration."""
    pump.start(reservoir_estimated_nl=LOW_NL)
    pump.at(5)
    parts = states_of(pump)
    expected = {
        "tone_class": ToneClass.NON_CRITICAL,
        "tone_onset_tick": 1,
        "tone_period_ticks": 36_000,
        "tone_duration_ticks": 10,
    }
    for part in ("controller", "plant"):
        for name, value in expected.items():
            pump.expect(f"{part}.{name}", getattr(parts[part], name), value)


@check("tone.silence-stills-it-in-the-next-tick", SECTION, Level.L3)
def silence(pump: Subject) -> None:
    """Silenced in the midst of a tone, no further tick sounds."""
    pump.start({"stopped_alarm_ticks": 600})
    pump.at(610)
    pump.open()
    pump.done(SilenceAlarms())
    _sounded(pump, {610: 10, 611: 10, 7_000: 10})


@check("tone.test-sounds-its-ticks", "SEMANTICS 7.6, 11", Level.L3)
def test(pump: Subject) -> None:
    """An alarm test sounds the 40 ticks that follow it, and no more."""
    pump.start()
    pump.at(100)
    pump.open()
    pump.done(TestAlarm())
    _sounded(pump, {100: 0, 101: 1, 140: 40, 141: 40, 1_000: 40})


@check("tone.silence-ends-at-a-reset", "SEMANTICS 9 step 7", Level.L3)
def silence_ends(pump: Subject) -> None:
    """A reset ends the silence: the alarm stands with its tick, and sounds again."""
    pump.start(reservoir_estimated_nl=LOW_NL)
    pump.at(5)
    pump.open()
    pump.done(SilenceAlarms())
    pump.at(10)
    inject(pump, Fault.RESET)
    report = pump.at(31)
    pump.expect("Report.tone_class after the boot", report.tone_class, ToneClass.NON_CRITICAL)
    pump.session = 0
    low = Alarm.bit_of(Alarm.LOW_RESERVOIR)
    pump.expect_fields(alarms(pump), alarms_active=low, alarms_silenced=0, low_reservoir_tick=1)
