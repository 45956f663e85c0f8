"""Knows the daily look over the memory; it must not know how memory fails.

Section 10 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.store import faulty_entries, is_erased, read_checkpoint, read_program
from pumpbench.firmware_emu.therapy import ENDED, SAFE_STATE, enter_safe_state
from pumpbench.protocol.codes import Event, Flag, UpdateStage

MEMORY_ERROR: Final = Flag.bit_of(Flag.MEMORY_ERROR)

MASKED_FAULT: Final = 0
CRITICAL_FAULT: Final = 1
PROGRAM_PLACE: Final = 0
CHECKPOINT_PLACE: Final = 1
# Places of a masked fault add up.
PROGRAM_MASKED: Final = 1
CHECKPOINT_MASKED: Final = 2


def self_test(machine: Machine) -> None:
    """The program in force, then what stands beside it, then the log."""
    if machine.durable.therapy_state not in (SAFE_STATE, ENDED) and not _program_stands(machine):
        machine.emit(Event.MEMORY_FAULT, CRITICAL_FAULT, PROGRAM_PLACE)
        enter_safe_state(machine)
    _flag_masked_places(machine)
    faulty = faulty_entries(machine.memory)
    if faulty:
        machine.emit(Event.MASKED_FAULT, faulty)


def _program_stands(machine: Machine) -> bool:
    stored = read_program(machine.memory, machine.controller.program_slot_index)
    return stored is not None and stored.body == machine.controller.program


def _flag_masked_places(machine: Machine) -> None:
    durable = machine.durable
    places = PROGRAM_MASKED * _other_slot_faulty(machine) + CHECKPOINT_MASKED * _checkpoint_faulty(machine)
    if not places:
        durable.fault_flags &= ~MEMORY_ERROR
    elif not durable.fault_flags & MEMORY_ERROR:
        durable.fault_flags |= MEMORY_ERROR
        machine.emit(Event.MEMORY_FAULT, MASKED_FAULT, places)


def _other_slot_faulty(machine: Machine) -> bool:
    if machine.controller.update_stage != UpdateStage.IDLE:
        return False
    return is_unfinished(machine, 1 - machine.controller.program_slot_index)


def is_unfinished(machine: Machine, slot: int) -> bool:
    """Neither erased nor valid."""
    return not is_erased(machine.memory, slot) and read_program(machine.memory, slot) is None


def _checkpoint_faulty(machine: Machine) -> bool:
    seq = machine.durable.checkpoint_seq
    found = read_checkpoint(machine.memory, seq & 1)
    return found is None or found.checkpoint_seq != seq
