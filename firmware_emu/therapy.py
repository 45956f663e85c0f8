"""Knows the therapy states and what each answers to stop, resume, bolus and commit; it must not know a tick's phases.

Section 5 of SEMANTICS.md. The table is total: each request has an answer in each state.
"""

from __future__ import annotations

from typing import Final, Literal

from pumpbench.firmware_emu.boluses import cancel_boluses
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import NO_FLEX_INDEX
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.refusing import done, refused
from pumpbench.firmware_emu.state import Durable
from pumpbench.protocol.codes import Event, Flag, FluidKind, Mode, Refusal, TherapyState, UpdateStage
from pumpbench.protocol.messages import Done, Refused, Resume, Stop

STOPPED: Final = TherapyState.STOPPED
THERAPY: Final = TherapyState.THERAPY
MINIMUM_RATE: Final = TherapyState.MINIMUM_RATE
EMPTY: Final = TherapyState.EMPTY
SAFE_STATE: Final = TherapyState.SAFE_STATE
ENDED: Final = TherapyState.ENDED

Outcome = Literal["done", "go", "refused"]

# By therapy state: STOPPED, THERAPY, MINIMUM_RATE, EMPTY, SAFE_STATE, ENDED
TRANSITIONS: Final[dict[str, tuple[Outcome, ...]]] = {
    "stop": ("done", "go", "go", "go", "refused", "refused"),
    "resume": ("go", "done", "refused", "refused", "refused", "refused"),
    "bolus": ("refused", "go", "refused", "refused", "refused", "refused"),
    "commit": ("go", "go", "go", "go", "go", "refused"),
}

RESUME_BARRED: Final = Flag.bit_of(Flag.LOW_BATTERY_RESET) | Flag.bit_of(Flag.CRITICAL_MEMORY)


def outcome(machine: Machine, request: str) -> Outcome:
    """What the table says of the state that stands."""
    return TRANSITIONS[request][machine.durable.therapy_state]


def _not_now(machine: Machine, request: type, said: Outcome) -> Refused | None:
    """UPDATE_IN_PROGRESS while an update runs, else what the table refuses."""
    if machine.controller.update_stage != UpdateStage.IDLE:
        return refused(request, Refusal.UPDATE_IN_PROGRESS, 0, machine.controller.update_stage)
    return _invalid(machine, request) if said == "refused" else None


def _invalid(machine: Machine, request: type) -> Refused:
    return refused(request, Refusal.INVALID_STATE, 0, machine.durable.therapy_state)


def stop(machine: Machine, _: Stop) -> Done | Refused:
    """Boluses keep what they owe."""
    durable, said = machine.durable, outcome(machine, "stop")
    if answer := _not_now(machine, Stop, said):
        return answer
    before = durable.therapy_state
    if said == "done" or (before == EMPTY and durable.resume_state == STOPPED):
        return done(Stop)
    if before == EMPTY:
        durable.resume_state = STOPPED
    else:
        durable.therapy_state = STOPPED
    renew_refill_due(machine)
    machine.emit(Event.STOPPED, before)
    return done(Stop)


def resume(machine: Machine, _: Resume) -> Done | Refused:
    """Resumes the program in force, unless it has nothing to give or a flag waits for a commit."""
    said = outcome(machine, "resume")
    if answer := _not_now(machine, Resume, said):
        return answer
    if said == "done":
        return done(Resume)
    if not _may_resume(machine):
        return _invalid(machine, Resume)
    machine.durable.therapy_state = THERAPY
    restart_schedule(machine)
    machine.controller.flex_shown_index = NO_FLEX_INDEX
    renew_refill_due(machine)
    machine.emit(Event.RESUMED)
    return done(Resume)


def _may_resume(machine: Machine) -> bool:
    mode = machine.plan.mode
    nothing_owed = mode == Mode.SINGLE_BOLUS and machine.durable.owed_q[FluidKind.CLINICIAN] == 0
    return mode != Mode.STOPPED and not nothing_owed and not machine.durable.fault_flags & RESUME_BARRED


def settled_state(durable: Durable) -> int:
    """The therapy state, or in EMPTY the one it goes back to."""
    return durable.resume_state if durable.therapy_state == EMPTY else durable.therapy_state


def treats(durable: Durable) -> bool:
    """Whether the program is in force, be it only after a refill."""
    return settled_state(durable) == THERAPY


def restart_schedule(machine: Machine) -> None:
    """In mode INTERVAL the next bolus is due one interval from now; other modes keep what stands."""
    if machine.plan.mode == Mode.INTERVAL_BOLUS:
        machine.durable.interval_next_life_ticks = machine.durable.life_ticks + machine.plan.interval_ticks


def enter_ended(machine: Machine) -> None:
    """The end of service; final."""
    _give_up_delivery(machine)
    machine.emit(Event.ENDED, machine.durable.therapy_state)
    machine.durable.therapy_state = ENDED


def enter_safe_state(machine: Machine) -> None:
    """Delivery 0 until a commit; not entered from ENDED, though the flag is set."""
    machine.durable.fault_flags |= Flag.bit_of(Flag.CRITICAL_MEMORY)
    if machine.durable.therapy_state == ENDED:
        return
    _give_up_delivery(machine)
    machine.emit(Event.SAFE_STATE_ENTERED, machine.durable.therapy_state)
    machine.durable.therapy_state = SAFE_STATE


def _give_up_delivery(machine: Machine) -> None:
    cancel_boluses(machine)
    machine.controller.update_stage = UpdateStage.IDLE
    machine.controller.update_remaining_ticks = 0
