"""Knows what flows in this tick, by arbitration and accumulation, and what the estimate makes of it; it must not know the plant.

Section 4, phases 8 to 10 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.boluses import ACCOUNTS, cancel_boluses, close_record, forget_owed, running_record
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.therapy import EMPTY, MINIMUM_RATE, STOPPED, THERAPY
from pumpbench.protocol.codes import Event, FluidKind, FluidOutcome, Mode
from pumpbench.protocol.limits import RATE_MAX_NL_PER_DAY, STEP_NL, STEP_Q

NO_KIND: Final = FluidKind.NONE
_BASAL_WAITS: Final = (FluidKind.PRIME, FluidKind.BRIDGE)
_CLINICIAN: Final = FluidKind.CLINICIAN
# A bridge waits for the refill, since the line still holds the old drug, and so does the bolus that is the program.
_GIVEN_UP: Final = (FluidKind.PRIME, FluidKind.PATIENT, FluidKind.CLINICIAN, FluidKind.INTERVAL)
_GIVEN_UP_SINGLE: Final = (FluidKind.PRIME, FluidKind.PATIENT, FluidKind.INTERVAL)

Flow = tuple[int, int, int]
"""(basal q, kind of the bolus that flows or NO_KIND, its q); q a tick is nl/day."""

NO_FLOW: Final[Flow] = (0, NO_KIND, 0)


def delivering(machine: Machine) -> bool:
    durable = machine.durable
    return (
        durable.therapy_state in (THERAPY, MINIMUM_RATE) and not durable.held and not machine.controller.update_stage
    )  # fmt: skip


def arbitrate(machine: Machine) -> Flow:
    """What would flow now; a bolus that is outranked keeps what it owes."""
    durable = machine.durable
    if durable.held or machine.controller.update_stage:
        return NO_FLOW
    if durable.therapy_state == MINIMUM_RATE:
        return machine.config.rate_min_nl_per_day, NO_KIND, 0
    if durable.therapy_state != THERAPY:
        return NO_FLOW
    basal = machine.plan.basal_nl_per_day(durable.clock_day, durable.clock_day_ticks)
    if not any(durable.owed_q):
        return basal, NO_KIND, 0
    kind = next(k for k in ACCOUNTS if durable.owed_q[k])
    if kind in _BASAL_WAITS:
        basal = 0
    return basal, kind, min(durable.bolus_q[kind], durable.owed_q[kind], RATE_MAX_NL_PER_DAY - basal)


def accumulate(machine: Machine, flow: Flow) -> int:
    """Accounts for this tick's flow; 1 when it commands a motor step."""
    basal, kind, bolus = flow
    durable = machine.durable
    durable.commanded_q += basal
    acc_q = durable.acc_q + basal + bolus
    step = 0
    if acc_q >= STEP_Q:
        acc_q -= STEP_Q
        step = machine.controller.step_pending = 1
        durable.step_count += 1
        machine.controller.step_tick_sum = machine.controller.step_tick_sum + machine.t & 0xFFFF_FFFF_FFFF_FFFF
    durable.acc_q = acc_q
    if kind != NO_KIND:
        durable.owed_q[kind] -= bolus
        if not durable.owed_q[kind]:
            _end_bolus(machine, kind)
    return step


def _end_bolus(machine: Machine, kind: int) -> None:
    durable = machine.durable
    forget_owed(durable, kind)
    place = running_record(durable, kind)
    request_id = 0
    if place is not None:
        close_record(durable, place, FluidOutcome.COMPLETED, durable.fluid_volume_nl[place])
        request_id = durable.fluid_id[place]
    machine.emit(Event.BOLUS_ENDED, kind, request_id)
    if kind == _CLINICIAN and machine.plan.mode == Mode.SINGLE_BOLUS:
        durable.therapy_state = STOPPED
        machine.emit(Event.STOPPED, THERAPY)


def estimate_step(machine: Machine) -> None:
    """Dead reckoning: every commanded step counts whole, whether or not fluid moved."""
    controller, durable = machine.controller, machine.durable
    durable.reservoir_estimated_nl -= min(STEP_NL, durable.reservoir_estimated_nl)
    controller.hour_quanta[controller.hour_head_index] += machine.plan.concentration


def watch_reservoir(machine: Machine) -> None:
    """Delivery ends at the first tick that finds the estimate at its lower end; no refill weeks later takes a bolus up again."""
    durable = machine.durable
    if durable.reservoir_estimated_nl <= machine.config.reservoir_empty_nl:
        durable.resume_state = durable.therapy_state
        durable.therapy_state = EMPTY
        machine.emit(Event.EMPTY_ENTERED, durable.reservoir_estimated_nl)
        cancel_boluses(machine, _GIVEN_UP_SINGLE if machine.plan.mode == Mode.SINGLE_BOLUS else _GIVEN_UP)
