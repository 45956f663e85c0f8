"""Knows what the controller makes of the rotor's count: stall, turning again, recovery; not why it stands still.

Section 4, phase 3 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.machine import Machine
from pumpbench.protocol.codes import Event, Held, Quirk

LATE_RECOVERY: Final = Quirk.bit_of(Quirk.LATE_RECOVERY)
TELEMETRY_HOLD: Final = Quirk.bit_of(Quirk.TELEMETRY_HOLD)
HELD_TELEMETRY: Final = Held.bit_of(Held.TELEMETRY)


def feel_motor(machine: Machine) -> None:
    """Feedback for the step of the tick before, then whether a stall is over, then what interference does."""
    controller, durable = machine.controller, machine.durable
    rotor_count = machine.plant.rotor_count
    if controller.step_pending:
        controller.step_pending = 0
        if rotor_count == controller.rotor_seen_count:
            _missed(machine, rotor_count)
        else:
            _turned(machine)
        controller.rotor_seen_count = rotor_count
    if durable.stalled and controller.stall_turning and controller.stall_interrogations_count == 0:
        durable.stalled = 0
        controller.stall_turning = 0
        machine.emit(Event.STALL_RECOVERED, rotor_count)
    if machine.plant.emi:
        _hold_for_telemetry(machine)


def _missed(machine: Machine, rotor_count: int) -> None:
    controller, limit = machine.controller, machine.config.stall_steps_count
    if controller.stall_missed_count < limit:
        controller.stall_missed_count += 1
    controller.stall_turning = 0
    if controller.stall_missed_count >= limit and not machine.durable.stalled:
        machine.durable.stalled = 1
        machine.emit(Event.STALL_DETECTED, rotor_count)


def _turned(machine: Machine) -> None:
    controller = machine.controller
    controller.stall_missed_count = 0
    if machine.durable.stalled and not controller.stall_turning:
        controller.stall_turning = 1
        if machine.config.quirks & LATE_RECOVERY:
            controller.stall_interrogations_count = 2


def _hold_for_telemetry(machine: Machine) -> None:
    """Documented misbehaviour, off by default: interference puts an alarming pump into telemetry mode."""
    durable = machine.durable
    alarming = durable.alarms_active & ~durable.alarms_silenced
    if machine.config.quirks & TELEMETRY_HOLD and not durable.held & HELD_TELEMETRY and alarming:
        durable.held |= HELD_TELEMETRY
        machine.emit(Event.TELEMETRY_HELD, durable.held)


def interrogate(machine: Machine) -> None:
    """What reading the status does to a recovery that shows late and to a hold."""
    controller, durable = machine.controller, machine.durable
    if controller.stall_interrogations_count:
        controller.stall_interrogations_count -= 1
    if durable.held & HELD_TELEMETRY:
        durable.held &= ~HELD_TELEMETRY
        machine.emit(Event.HOLD_RELEASED, durable.held)
