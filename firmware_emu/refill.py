"""Knows what the pump makes of being told that it was refilled; it must not know what the reservoir truly holds.

Section 7.6 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.firmware_emu.boluses import add_record, close_record
from pumpbench.firmware_emu.dosing import Sender
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.refusing import refused
from pumpbench.firmware_emu.therapy import EMPTY, restart_schedule
from pumpbench.protocol.codes import Event, FluidKind, FluidOutcome, Refusal, UpdateStage
from pumpbench.protocol.messages import Refill, Refilled, Refused

PER_THOUSAND = 1_000


def refill(machine: Machine, asked: Refill, sender: Sender) -> Refilled | Refused:
    """The estimate starts anew; what was withdrawn is compared with what was expected."""
    if answer := _refill_refused(machine, asked):
        return answer
    durable = machine.durable
    expected = durable.reservoir_estimated_nl
    discrepancy = _compare(machine, asked.measured_nl, expected)
    place = add_record(durable, sender.request_id, sender.body_crc, FluidKind.REFILL, asked.fill_nl)
    close_record(durable, place, FluidOutcome.COMPLETED, asked.fill_nl)
    left_empty = _fill(machine, asked.fill_nl)
    renew_refill_due(machine)
    machine.emit(Event.REFILLED, asked.fill_nl, asked.measured_nl)
    if discrepancy:
        machine.emit(Event.REFILL_DISCREPANCY, durable.residual_more_nl, durable.residual_less_nl)
    if left_empty:
        machine.emit(Event.EMPTY_LEFT, durable.therapy_state)
    return Refilled(
        expected_nl=expected, more_nl=durable.residual_more_nl, less_nl=durable.residual_less_nl,
        discrepancy=int(discrepancy), refill_due_life_ticks=durable.refill_due_life_ticks,
    )  # fmt: skip


def _refill_refused(machine: Machine, asked: Refill) -> Refused | None:
    capacity = machine.config.reservoir_capacity_nl
    if machine.controller.update_stage != UpdateStage.IDLE:
        return refused(Refill, Refusal.UPDATE_IN_PROGRESS, 0, machine.controller.update_stage)
    if machine.durable.owed_q[FluidKind.PRIME]:
        return refused(Refill, Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.PRIME)
    for volume in (asked.measured_nl, asked.fill_nl):
        if volume > capacity:
            return refused(Refill, Refusal.VOLUME_RANGE, capacity, volume)
    return None


def _compare(machine: Machine, measured: int, expected: int) -> bool:
    """Keeps over and under; True where either is beyond what the volume used since the fill explains."""
    durable = machine.durable
    more, less = max(measured, expected) - expected, max(measured, expected) - measured
    durable.residual_more_nl, durable.residual_less_nl = more, less
    used = max(durable.fill_nl, expected) - expected
    tolerance = div_floor(used * machine.config.refill_tolerance_ppt, PER_THOUSAND)
    return more > tolerance or less > tolerance


def _fill(machine: Machine, fill_nl: int) -> bool:
    """True when the pump leaves EMPTY."""
    durable = machine.durable
    durable.reservoir_estimated_nl = durable.fill_nl = fill_nl
    durable.fill_life_ticks = durable.life_ticks
    if durable.therapy_state != EMPTY or fill_nl <= machine.config.reservoir_empty_nl:
        return False
    durable.therapy_state = durable.resume_state
    restart_schedule(machine)
    return True
