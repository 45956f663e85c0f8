"""Knows the pump's age, battery samples and what ends its service; it must not know the cell's charge.

Section 4, phases 4 and 5 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.therapy import ENDED, enter_ended
from pumpbench.protocol.codes import Event, Quirk
from pumpbench.protocol.limits import TICKS_PER_DAY

LATE_DATE_TICKS = 30 * TICKS_PER_DAY


def take_sample(machine: Machine, sample_mv: int) -> None:
    """The voltage asked for in the tick before; a low one moves the dates of replacement forward, never back."""
    config, controller, durable = machine.config, machine.controller, machine.durable
    controller.sample_pending = 0
    controller.battery_mv = sample_mv
    machine.emit(Event.BATTERY_SAMPLED, sample_mv)
    if sample_mv <= config.eri_mv and not durable.eri_reached:
        durable.eri_life_ticks = min(durable.eri_life_ticks, durable.life_ticks)
    if sample_mv <= config.eos_mv:
        durable.eos_life_ticks = min(durable.eos_life_ticks, durable.life_ticks)


def age(machine: Machine) -> None:
    """Elective replacement and the end of service, in the first tick that reaches their age."""
    durable = machine.durable
    if not durable.eri_reached and durable.life_ticks >= durable.eri_life_ticks:
        durable.eri_reached = 1
        durable.eos_life_ticks = min(durable.eos_life_ticks, durable.eri_life_ticks + machine.config.eri_to_eos_ticks)
        machine.emit(Event.ERI_REACHED, machine.controller.battery_mv)
    if durable.therapy_state != ENDED and durable.life_ticks >= durable.eos_life_ticks:
        enter_ended(machine)


def replace_by_life_ticks(machine: Machine) -> int:
    """The date of replacement that the status shows."""
    config, durable = machine.config, machine.durable
    date = durable.eos_life_ticks
    if not durable.eri_reached:
        date = min(durable.eri_life_ticks + config.eri_to_eos_ticks, date)
    late = config.quirks & Quirk.bit_of(Quirk.LATE_REPLACEMENT_DATE)
    return date + (LATE_DATE_TICKS if late else 0)
