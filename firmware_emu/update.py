"""Knows the stages of a program update and how the new program takes effect; it must not know who may commit.

Section 6 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_floor, div_round_half_up, next_of
from pumpbench.firmware_emu.boluses import cancel_boluses, start_bolus
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import NO_FLEX_INDEX, Plan, bolus_rate_q
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS
from pumpbench.firmware_emu.store import PROGRAM_HEAD_WORDS, WORD_BYTES, commit_word, program_head, read_words
from pumpbench.firmware_emu.therapy import EMPTY, RESUME_BARRED, STOPPED, THERAPY, restart_schedule, treats
from pumpbench.protocol.codes import Event, FluidKind, Held, Mode, UpdateStage
from pumpbench.protocol.limits import PROGRAM_BODY_WORDS, RATE_MAX_NL_PER_DAY, UPDATE_WORDS_PER_TICK

HELD_UPDATE: Final = Held.bit_of(Held.UPDATE)
WRITE_TICKS: Final = div_floor(PROGRAM_HEAD_WORDS, UPDATE_WORDS_PER_TICK)


def start_update(machine: Machine) -> None:
    """What a commit begins; the slot in force stays untouched."""
    controller = machine.controller
    controller.update_slot_index = 1 - controller.program_slot_index
    _enter(machine, UpdateStage.STOP, machine.config.update_stop_ticks)
    machine.emit(Event.UPDATE_STARTED, _staged_id(machine), controller.update_slot_index)


def advance_update(machine: Machine) -> None:
    """One tick of the stage that stands; the next stage acts first in the next tick."""
    controller, config = machine.controller, machine.config
    stage = controller.update_stage
    controller.update_remaining_ticks -= 1
    if stage == UpdateStage.WRITE:
        _write(machine)
    if controller.update_remaining_ticks:
        return
    if stage == UpdateStage.STOP:
        _enter(machine, UpdateStage.WRITE, WRITE_TICKS)
    elif stage == UpdateStage.WRITE:
        _enter(machine, UpdateStage.VERIFY, config.update_verify_ticks)
    elif stage == UpdateStage.VERIFY:
        _verify(machine)
    elif stage == UpdateStage.COMMIT:
        _commit(machine)
    else:
        controller.update_stage = UpdateStage.IDLE
        machine.emit(Event.DELIVERY_RESTARTED, machine.durable.therapy_state)


def _enter(machine: Machine, stage: int, ticks: int) -> None:
    machine.controller.update_stage = stage
    machine.controller.update_remaining_ticks = ticks


def _staged_id(machine: Machine) -> int:
    return int.from_bytes(machine.controller.staged[:4], "little")


def _head(machine: Machine) -> bytes:
    return program_head(next_of(machine.durable.program_seq), bytes(machine.controller.staged))


def _write(machine: Machine) -> None:
    controller = machine.controller
    first = UPDATE_WORDS_PER_TICK * (WRITE_TICKS - 1 - controller.update_remaining_ticks)
    words = _head(machine)[WORD_BYTES * first :][: WORD_BYTES * UPDATE_WORDS_PER_TICK]
    machine.update_writes.append((PROGRAM_SLOT_ADDRESS[controller.update_slot_index] + first, words))


def _verify(machine: Machine) -> None:
    """Reads back what stands in memory; a difference leaves the old program in force."""
    controller = machine.controller
    slot = controller.update_slot_index
    if read_words(machine.memory, PROGRAM_SLOT_ADDRESS[slot], PROGRAM_HEAD_WORDS) == _head(machine):
        _enter(machine, UpdateStage.COMMIT, 1)
        return
    controller.update_stage = UpdateStage.IDLE
    machine.durable.held &= ~HELD_UPDATE
    machine.emit(Event.UPDATE_FAILED, _staged_id(machine), slot)


def _commit(machine: Machine) -> None:
    controller = machine.controller
    store_seq = next_of(machine.durable.program_seq)
    address = PROGRAM_SLOT_ADDRESS[controller.update_slot_index] + PROGRAM_HEAD_WORDS
    machine.update_writes.append((address, commit_word(store_seq)))
    _take_effect(machine, store_seq)
    _enter(machine, UpdateStage.RESTART, machine.config.update_restart_ticks)


def _take_effect(machine: Machine, store_seq: int) -> None:
    controller, durable = machine.controller, machine.durable
    cancel_boluses(machine)
    old = machine.plan
    controller.program, controller.staged = controller.staged, bytearray(WORD_BYTES * PROGRAM_BODY_WORDS)
    controller.program_slot_index = controller.update_slot_index
    durable.program_seq = store_seq
    controller.staged_present = controller.staged_verified = 0
    begin_therapy(machine)
    if treats(durable):
        _begin_boluses(machine, old)
    renew_refill_due(machine)
    machine.emit(Event.PROGRAM_COMMITTED, machine.plan.program.program_id, store_seq)


def begin_therapy(machine: Machine) -> None:
    """A program begins: nothing bars it any more, and its own schedule starts. What it owes comes after."""
    durable, plan = machine.durable, machine.plan
    durable.fault_flags &= ~RESUME_BARRED
    durable.held &= ~HELD_UPDATE
    durable.therapy_state = STOPPED if plan.mode == Mode.STOPPED else THERAPY
    if durable.reservoir_estimated_nl <= machine.config.reservoir_empty_nl:
        durable.resume_state = durable.therapy_state
        durable.therapy_state = EMPTY
    machine.controller.flex_shown_index = NO_FLEX_INDEX
    durable.interval_next_life_ticks = 0
    restart_schedule(machine)


def _begin_boluses(machine: Machine, old: Plan) -> None:
    """In EMPTY they wait for the refill."""
    new = machine.plan
    if new.mode == Mode.SINGLE_BOLUS:
        volume = new.single_volume_nl
        start_bolus(machine, FluidKind.CLINICIAN, volume, bolus_rate_q(volume, new.program.single_duration_ticks))
    line = line_nl(machine)
    if bridge_runs(old, new, line):
        start_bolus(machine, FluidKind.BRIDGE, line, bridge_rate(old, new))


def line_nl(machine: Machine) -> int:
    """Volume of tubing and catheter by the device record."""
    durable = machine.durable
    return durable.tubing_nl + durable.catheter_length_mm * machine.config.catheter_nl_per_mm


def bridge_runs(old: Plan, new: Plan, line: int) -> bool:
    """Whether a commit moves the old drug out of the line at the new drug's dose; only at a rate that the motor can give."""
    return is_bridge_asked(old, new, line) and 1 <= bridge_rate(old, new) <= RATE_MAX_NL_PER_DAY


def is_bridge_asked(old: Plan, new: Plan, line: int) -> bool:
    """Whether there is old drug in the line that the new program wants out."""
    wanted = new.program.bridge and old.mode != Mode.STOPPED
    return bool(wanted) and old.concentration != new.concentration and line > 0


def bridge_rate(old: Plan, new: Plan) -> int:
    """Rate that gives the new daily dose with the old concentration, nl/day; the daily dose must be known to be sound."""
    return div_round_half_up(new.daily_dose_ng() * 1000, old.concentration)
