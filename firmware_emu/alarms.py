"""Knows the alarms, what raises and clears each, and the tone they ask for; it must not know how a tone sounds.

Section 4, phase 11 and section 11 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.therapy import EMPTY, ENDED
from pumpbench.protocol.codes import Alarm, Event, Flag, ToneClass
from pumpbench.protocol.limits import ALARM_COUNT, TONE_INTERVAL_MIN_TICKS


class AlarmRow(NamedTuple):
    """One alarm. `latched` says what ends it besides its condition; sources are ids of SOURCES.md."""

    name: str
    number: int
    alarm_class: Literal["critical", "non_critical"]
    condition: str
    latched: str
    silenceable: bool
    delivery: str
    after_reset: str
    source: str


ALARMS: Final = (
    AlarmRow("LOW_RESERVOIR", Alarm.LOW_RESERVOIR, "non_critical", "estimate_low", "", True, "goes on", "derived anew",
             "C01, F03, P02"),
    AlarmRow("ELECTIVE_REPLACEMENT", Alarm.ELECTIVE_REPLACEMENT, "non_critical", "eri_reached", "never clears", True, "goes on",
             "kept", "C01, M01"),
    AlarmRow("MEMORY_ERROR", Alarm.MEMORY_ERROR, "non_critical", "flag_memory_error", "until a clean self-test", True, "goes on",
             "kept", "C01"),
    AlarmRow("EMPTY_RESERVOIR", Alarm.EMPTY_RESERVOIR, "critical", "estimate_empty", "", True, "none", "derived anew",
             "C01, M01"),
    AlarmRow("END_OF_SERVICE", Alarm.END_OF_SERVICE, "critical", "state_ended", "never clears", True, "none", "kept",
             "C01, M02"),
    AlarmRow("MOTOR_STALL", Alarm.MOTOR_STALL, "critical", "stalled", "until the rotor is seen to turn", True,
             "steps go on, nothing flows", "kept", "C01, M06"),
    AlarmRow("STOPPED_TOO_LONG", Alarm.STOPPED_TOO_LONG, "critical", "stopped_long", "", True, "none", "from the check-point",
             "C01"),
    AlarmRow("CRITICAL_MEMORY_ERROR", Alarm.CRITICAL_MEMORY_ERROR, "critical", "flag_critical_memory", "until a commit", True,
             "none", "kept", "C01; that the state is safe: unsourced"),
    AlarmRow("LOW_BATTERY_RESET", Alarm.LOW_BATTERY_RESET, "critical", "flag_low_battery_reset", "until a commit", True,
             "minimum rate", "kept", "F14, F17, F19"),
)  # fmt: skip

CRITICAL: Final = sum(1 << row.number for row in ALARMS if row.alarm_class == "critical")

_LOW: Final = 1 << Alarm.LOW_RESERVOIR
_ERI: Final = 1 << Alarm.ELECTIVE_REPLACEMENT
_EMPTY: Final = 1 << Alarm.EMPTY_RESERVOIR
_ENDED: Final = 1 << Alarm.END_OF_SERVICE
_STALL: Final = 1 << Alarm.MOTOR_STALL
_STOPPED_LONG: Final = 1 << Alarm.STOPPED_TOO_LONG
_OF_FLAG: Final = (
    (Flag.bit_of(Flag.MEMORY_ERROR), 1 << Alarm.MEMORY_ERROR),
    (Flag.bit_of(Flag.CRITICAL_MEMORY), 1 << Alarm.CRITICAL_MEMORY_ERROR),
    (Flag.bit_of(Flag.LOW_BATTERY_RESET), 1 << Alarm.LOW_BATTERY_RESET),
)

TonePlan = tuple[int, int, int, int]
"""(class, onset tick, period ticks, duration ticks)"""

NO_TONE: Final[TonePlan] = (ToneClass.NONE, 0, 0, 0)


def conditions(machine: Machine) -> int:
    """Bits of the alarms whose condition holds now."""
    config, durable = machine.config, machine.durable
    estimate, state, flags = durable.reservoir_estimated_nl, durable.therapy_state, durable.fault_flags
    found = 0
    if estimate <= machine.plan.program.low_reservoir_nl:
        found |= _LOW
    if estimate <= config.reservoir_empty_nl or state == EMPTY:
        found |= _EMPTY
    if durable.eri_reached:
        found |= _ERI
    if state == ENDED:
        found |= _ENDED
    if durable.stalled:
        found |= _STALL
    if durable.stopped_ticks > config.stopped_alarm_ticks:
        found |= _STOPPED_LONG
    if flags:
        found |= sum(alarm for flag, alarm in _OF_FLAG if flags & flag)
    return found


def update_alarms(machine: Machine) -> None:
    """Raises and clears in order of number, then plans the tone."""
    durable, controller = machine.durable, machine.controller
    found = conditions(machine)
    if found != durable.alarms_active:
        _raise_and_clear(machine, found)
    if durable.alarms_active or controller.tone_class:
        _plan_tone(machine)
    if controller.alarm_test_end_tick and machine.t > controller.alarm_test_end_tick:
        controller.alarm_test_end_tick = 0


def _raise_and_clear(machine: Machine, found: int) -> None:
    durable = machine.durable
    for alarm in range(ALARM_COUNT):
        bit = 1 << alarm
        if found & bit and not durable.alarms_active & bit:
            durable.alarms_active |= bit
            durable.alarm_raise_tick[alarm] = machine.t
            machine.emit(Event.ALARM_RAISED, alarm)
        elif durable.alarms_active & bit and not found & bit:
            durable.alarms_active &= ~bit
            durable.alarms_silenced &= ~bit
            durable.alarm_raise_tick[alarm] = 0
            machine.emit(Event.ALARM_CLEARED, alarm)


def _plan_tone(machine: Machine) -> None:
    controller = machine.controller
    plan = tone_plan(machine)
    stands = (
        controller.tone_class, controller.tone_onset_tick, controller.tone_period_ticks, controller.tone_duration_ticks
    )  # fmt: skip
    if plan != stands:
        (controller.tone_class, controller.tone_onset_tick, controller.tone_period_ticks,
         controller.tone_duration_ticks) = plan  # fmt: skip
        machine.emit(Event.TONE_PLAN, plan[0], plan[2])


def tone_plan(machine: Machine) -> TonePlan:
    """What the unsilenced alarms ask for; a critical one outranks the rest."""
    config, durable = machine.config, machine.durable
    sounding = durable.alarms_active & ~durable.alarms_silenced
    if not sounding:
        return NO_TONE
    if sounding & CRITICAL:
        # A program of zeros, which SAFE_STATE may leave, has no interval of its own.
        period = max(machine.plan.program.critical_interval_ticks, TONE_INTERVAL_MIN_TICKS)
        return ToneClass.CRITICAL, _onset(machine, sounding & CRITICAL), period, config.tone_critical_ticks
    return (
        ToneClass.NON_CRITICAL, _onset(machine, sounding), config.tone_non_critical_period_ticks,
        config.tone_non_critical_ticks,
    )  # fmt: skip


def _onset(machine: Machine, alarms: int) -> int:
    ticks = machine.durable.alarm_raise_tick
    return min(ticks[alarm] for alarm in range(ALARM_COUNT) if alarms & 1 << alarm)
