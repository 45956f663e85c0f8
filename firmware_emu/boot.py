"""Knows what a reset takes away and how a boot finds its way back from memory; it must not know what caused the reset.

Section 4, phase 2 and section 9 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.arithmetic import U32_MAX, div_floor, next_of
from pumpbench.firmware_emu.boluses import ACCOUNTS, close_record, forget_owed, owed_nl, running_record
from pumpbench.firmware_emu.cut_commit import bridge_from, replaced, report_commit
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import NO_FLEX_INDEX, Plan
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.selftest import (
    CHECKPOINT_MASKED,
    CHECKPOINT_PLACE,
    CRITICAL_FAULT,
    MASKED_FAULT,
    MEMORY_ERROR,
    PROGRAM_PLACE,
    is_unfinished,
)
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS, Controller, Durable
from pumpbench.firmware_emu.store import ERASED_WORD, has_torn_checkpoint, newest_checkpoint, newest_program, read_entry
from pumpbench.firmware_emu.therapy import (
    EMPTY,
    ENDED,
    MINIMUM_RATE,
    SAFE_STATE,
    STOPPED,
    THERAPY,
    restart_schedule,
    settled_state,
    treats,
)
from pumpbench.firmware_emu.update import begin_therapy
from pumpbench.protocol.codes import Event, Flag, FluidKind, FluidOutcome, Mode, ResetCause
from pumpbench.protocol.limits import (
    HOUR_BUCKETS,
    LOG_CAPACITY,
    PATIENT_BOLUSES,
    Q_PER_NL,
    QUANTA_PER_NG,
    STEP_NL,
    TICKS_PER_HOUR,
)

LOW_BATTERY_RESET: Final = Flag.bit_of(Flag.LOW_BATTERY_RESET)
CRITICAL_MEMORY: Final = Flag.bit_of(Flag.CRITICAL_MEMORY)


def take_reset(machine: Machine) -> None:
    """Working memory is lost and the boot begins; the hardware remembers why and falls silent."""
    plant = machine.plant
    plant.reset_cause, plant.reset_pending = plant.reset_pending, ResetCause.NONE
    machine.controller = Controller(boot_remaining_ticks=machine.config.boot_ticks)
    plant.tone_class = plant.tone_onset_tick = plant.tone_period_ticks = plant.tone_duration_ticks = 0
    plant.tone_test_end_tick = 0
    machine.emit(Event.RESET, plant.reset_cause)


def complete_boot(machine: Machine) -> None:
    """In the order of section 9, but that the state is settled before what hangs on it; other phases of the tick follow."""
    known = _remember(machine)
    _count_boot(machine)
    has_program = _load_program(machine)
    cut_commit = known.exists and machine.durable.program_seq > known.program_seq
    _assume_flow(machine, has_program, replaced(machine, known.program_seq) if cut_commit else None)
    if cut_commit:
        begin_therapy(machine)
    _settle_state(machine, has_program)
    _give_up_what_ran(machine, known.treated, cut_commit)
    if cut_commit:
        bridge_from(machine, known.program_seq)
    _restart_counts(machine)
    _count_lost_stop(machine.durable, known.held)
    _restart_working_memory(machine)
    renew_refill_due(machine)
    _report(machine, known.exists, has_program, cut_commit)
    machine.controller.sample_wanted = 1


class Known(NamedTuple):
    """What the check-point said, where the boot changes it before it is used. `exists`: there was one."""

    exists: bool
    held: bool
    treated: bool
    program_seq: int


def _remember(machine: Machine) -> Known:
    checkpoint = newest_checkpoint(machine.memory)
    durable = machine.durable = checkpoint or unremembered(machine)
    return Known(checkpoint is not None, durable.held != 0, durable.therapy_state == THERAPY, durable.program_seq)


def start_durable(machine: Machine) -> Durable:
    """The durable part of every start: first boot, dates of replacement from the configuration."""
    config = machine.config
    return Durable(
        boot_count=1,
        reset_cause=ResetCause.START,
        eri_life_ticks=config.life_limit_ticks - min(config.eri_to_eos_ticks, config.life_limit_ticks),
        eos_life_ticks=config.life_limit_ticks,
    )


def unremembered(machine: Machine) -> Durable:
    """Without a check-point nothing is known but the configuration."""
    durable = start_durable(machine)
    durable.therapy_state = SAFE_STATE
    durable.fault_flags = CRITICAL_MEMORY
    return durable


def _count_boot(machine: Machine) -> None:
    durable = machine.durable
    durable.boot_count = next_of(durable.boot_count)
    durable.reset_cause = machine.plant.reset_cause
    # Up to an hour may be missing from the check-point; so the date of replacement never moves later.
    durable.life_ticks += TICKS_PER_HOUR
    durable.clock_valid = 0


def _load_program(machine: Machine) -> bool:
    """An older program than the check-point knows was replaced and must not return."""
    stored, controller = newest_program(machine.memory), machine.controller
    if stored is None or stored.store_seq < machine.durable.program_seq:
        return False
    controller.program = bytearray(stored.body)
    controller.program_slot_index = stored.slot
    machine.durable.program_seq = stored.store_seq
    return True


def _assume_flow(machine: Machine, has_program: bool, old: Plan | None) -> None:
    """The estimate falls by the most that can have flowed since the check-point: until a commit cut short, the old program's."""
    durable = machine.durable
    most_q = 0
    if durable.therapy_state == MINIMUM_RATE:
        most_q = TICKS_PER_HOUR * machine.config.rate_min_nl_per_day
    elif durable.therapy_state == THERAPY and has_program:
        most_q = max(_most_q(plan) for plan in (machine.plan, old) if plan is not None) + sum(durable.owed_q)
    if most_q:
        fallen_nl = div_floor(most_q, Q_PER_NL) + STEP_NL
        durable.reservoir_estimated_nl -= min(fallen_nl, durable.reservoir_estimated_nl)


def _most_q(plan: Plan) -> int:
    """Of an hour, without what it owed before."""
    basal_q = TICKS_PER_HOUR * plan.largest_basal_nl_per_day()
    if plan.mode != Mode.INTERVAL_BOLUS:
        return basal_q
    return basal_q + (div_floor(TICKS_PER_HOUR, plan.interval_ticks) + 1) * plan.interval_volume_nl * Q_PER_NL


def _give_up_what_ran(machine: Machine, treated: bool, cut_commit: bool) -> None:
    durable = machine.durable
    for kind in ACCOUNTS:
        if kind != FluidKind.BRIDGE and durable.owed_q[kind]:
            _interrupt(durable, kind)
            _give_up(durable, kind, durable.owed_q[kind])
    _shorten_bridge(durable, treated, cut_commit)
    durable.cancelled_q += durable.acc_q
    durable.acc_q = 0


def _interrupt(durable: Durable, kind: int) -> None:
    """Closes the record with the most that can have flowed: who asks for the rest must not get too much."""
    place = running_record(durable, kind)
    if place is not None:
        volume, hour_q = durable.fluid_volume_nl[place], TICKS_PER_HOUR * durable.bolus_q[kind]
        most_nl = min(volume, volume - owed_nl(durable.owed_q[kind]) + owed_nl(hour_q))
        close_record(durable, place, FluidOutcome.INTERRUPTED, most_nl)


def _shorten_bridge(durable: Durable, treated: bool, cut_commit: bool) -> None:
    """A bridge goes on, because the line still holds the old drug, less the hour that can have flowed.

    After a low battery nothing resumes before a commit, and a bridge still owed would bar that.
    """
    given_up_q = durable.owed_q[FluidKind.BRIDGE]
    lasts = not cut_commit and durable.reset_cause != ResetCause.LOW_BATTERY
    if lasts and settled_state(durable) in (THERAPY, STOPPED):
        given_up_q = min(given_up_q, TICKS_PER_HOUR * durable.bolus_q[FluidKind.BRIDGE]) if treated else 0
    _give_up(durable, FluidKind.BRIDGE, given_up_q)


def _give_up(durable: Durable, kind: int, given_up_q: int) -> None:
    durable.cancelled_q += given_up_q
    durable.owed_q[kind] -= given_up_q
    if not durable.owed_q[kind]:
        forget_owed(durable, kind)


def _restart_counts(machine: Machine) -> None:
    """What was given is not known: lockout from now, 24 h count full, dose window as full as still lets a program in."""
    controller, limit_ng = machine.controller, machine.plan.program.dose_limit_ng
    controller.patient_start_life_ticks = [machine.durable.life_ticks + 1] * PATIENT_BOLUSES
    controller.hour_quanta = [div_floor(limit_ng * QUANTA_PER_NG, HOUR_BUCKETS + 1)] * HOUR_BUCKETS


def _count_lost_stop(durable: Durable, was_held: bool) -> None:
    """As its age, the time without delivery may lack up to an hour."""
    if was_held or settled_state(durable) == STOPPED:
        durable.stopped_ticks = min(durable.stopped_ticks + TICKS_PER_HOUR, U32_MAX)


def _restart_working_memory(machine: Machine) -> None:
    controller, durable = machine.controller, machine.durable
    durable.alarms_silenced = 0
    durable.held = 0
    controller.rotor_seen_count = machine.plant.rotor_count
    controller.flex_shown_index = NO_FLEX_INDEX
    _resume_schedule(machine)
    stored = [entry.entry_seq for place in range(LOG_CAPACITY) if (entry := read_entry(machine.memory, place))]
    controller.log_next_seq = max(stored, default=-1) + 1


def _resume_schedule(machine: Machine) -> None:
    """What was left of an interval is kept: resets neither bring a bolus forward nor put it off for ever. A new one is whole."""
    durable, plan = machine.durable, machine.plan
    if plan.mode != Mode.INTERVAL_BOLUS:
        durable.interval_next_life_ticks = 0
    elif not 1 <= durable.interval_next_life_ticks + TICKS_PER_HOUR - durable.life_ticks <= plan.interval_ticks:
        restart_schedule(machine)
    else:
        # The age has moved by an hour since the check-point.
        durable.interval_next_life_ticks += TICKS_PER_HOUR


def _settle_state(machine: Machine, has_program: bool) -> None:
    durable = machine.durable
    if durable.reset_cause == ResetCause.LOW_BATTERY:
        durable.fault_flags |= LOW_BATTERY_RESET
    if treats(durable):
        _settle_therapy(machine)
    if not has_program:
        durable.fault_flags |= CRITICAL_MEMORY
        if durable.therapy_state != ENDED:
            durable.therapy_state = SAFE_STATE


def _settle_therapy(machine: Machine) -> None:
    """What therapy becomes by the cause; a single bolus is gone, and a program of none gives none."""
    durable, settled = machine.durable, THERAPY
    if durable.reset_cause == ResetCause.LOW_BATTERY:
        settled = MINIMUM_RATE
    elif machine.plan.mode in (Mode.SINGLE_BOLUS, Mode.STOPPED):
        settled = STOPPED
    if durable.therapy_state == EMPTY:
        durable.resume_state = settled
    else:
        durable.therapy_state = settled


def _report(machine: Machine, has_checkpoint: bool, has_program: bool, cut_commit: bool) -> None:
    machine.emit(Event.BOOT_COMPLETED, machine.durable.reset_cause, machine.durable.boot_count)
    if cut_commit:
        report_commit(machine)
    if not has_checkpoint:
        machine.emit(Event.MEMORY_FAULT, CRITICAL_FAULT, CHECKPOINT_PLACE)
    elif has_torn_checkpoint(machine.memory):
        machine.durable.fault_flags |= MEMORY_ERROR
        machine.emit(Event.MEMORY_FAULT, MASKED_FAULT, CHECKPOINT_MASKED)
    if not has_program:
        machine.emit(Event.MEMORY_FAULT, CRITICAL_FAULT, PROGRAM_PLACE)
        return
    other = 1 - machine.controller.program_slot_index
    if is_unfinished(machine, other):
        machine.emit(Event.UPDATE_INTERRUPTED, other)
        machine.update_writes.append((PROGRAM_SLOT_ADDRESS[other], ERASED_WORD))
