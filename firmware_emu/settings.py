"""Knows the requests about alarms, clock, record and battery sample; it must not know what an alarm is.

Section 7.6 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.dose_window import clock_breaks_limit
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import NO_FLEX_INDEX
from pumpbench.firmware_emu.refusing import done, refused, refused_for
from pumpbench.firmware_emu.therapy import THERAPY
from pumpbench.protocol.codes import Event, Refusal
from pumpbench.protocol.limits import CATHETER_MAX_MM, TICKS_PER_DAY, TUBING_MAX_NL
from pumpbench.protocol.messages import Done, MeasureBattery, Refused, SetClock, SilenceAlarms, TestAlarm, WriteRecord


def silence_alarms(machine: Machine, _: SilenceAlarms) -> Done:
    """Covers the alarms listed now."""
    durable = machine.durable
    durable.alarms_silenced = durable.alarms_active
    machine.emit(Event.ALARMS_SILENCED, durable.alarms_active)
    return done(SilenceAlarms)


def sound_test(machine: Machine, _: TestAlarm) -> Done:
    """Sounds for a while; no therapy or alarm state changes."""
    end = machine.t + machine.config.alarm_test_ticks
    machine.controller.alarm_test_end_tick = machine.plant.tone_test_end_tick = end
    machine.emit(Event.ALARM_TEST)
    return done(TestAlarm)


def set_clock(machine: Machine, asked: SetClock) -> Done | Refused:
    """Picks the flex step in force; nothing is repeated or made up."""
    durable = machine.durable
    if asked.clock_day_ticks >= TICKS_PER_DAY:
        return refused(SetClock, Refusal.CLOCK_RANGE, TICKS_PER_DAY - 1, asked.clock_day_ticks)
    # A clock that a reset made invalid can always be set.
    judged = durable.therapy_state == THERAPY and durable.clock_valid
    if judged and (broken := clock_breaks_limit(machine, (asked.clock_day, asked.clock_day_ticks))):
        return refused_for(SetClock, broken)
    durable.clock_day, durable.clock_day_ticks, durable.clock_valid = asked.clock_day, asked.clock_day_ticks, 1
    machine.controller.flex_shown_index = NO_FLEX_INDEX
    machine.emit(Event.CLOCK_SET, asked.clock_day, asked.clock_day_ticks)
    return done(SetClock)


def write_record(machine: Machine, asked: WriteRecord) -> Done | Refused:
    """The plant's line is not changed by what the record says of it."""
    durable = machine.durable
    for bound, value in ((CATHETER_MAX_MM, asked.catheter_length_mm), (TUBING_MAX_NL, asked.tubing_nl)):
        if value > bound:
            return refused(WriteRecord, Refusal.RECORD_RANGE, bound, value)
    durable.drug, durable.catheter_length_mm, durable.tubing_nl = asked.drug, asked.catheter_length_mm, asked.tubing_nl
    machine.emit(Event.RECORD_WRITTEN, asked.catheter_length_mm, asked.tubing_nl)
    return done(WriteRecord)


def measure_battery(machine: Machine, _: MeasureBattery) -> Done:
    machine.controller.sample_wanted = 1
    return done(MeasureBattery)
