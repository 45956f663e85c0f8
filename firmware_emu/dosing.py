"""Knows who may start a bolus and when: patient, clinician, prime; it must not know how a bolus flows.

Section 7.5 of SEMANTICS.md: checks stand in its order, and every refusal is logged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.arithmetic import mod
from pumpbench.firmware_emu.boluses import ACCOUNTS, add_record, owed_nl, start_bolus
from pumpbench.firmware_emu.dose_window import bolus_breaks_limit
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import bolus_rate_q, volume_nl
from pumpbench.firmware_emu.program_rules import Broken
from pumpbench.firmware_emu.refusing import refused_for
from pumpbench.firmware_emu.therapy import outcome
from pumpbench.protocol.codes import Event, FluidKind, Mode, PrimeScope, Refusal, UpdateStage
from pumpbench.protocol.limits import (
    DURATION_MAX_TICKS,
    DURATION_MIN_TICKS,
    PATIENT_BOLUSES,
    RATE_MAX_NL_PER_DAY,
    TICKS_PER_DAY,
)
from pumpbench.protocol.messages import Bolus, PatientBolus, Prime, Refused, Started

VOLUME_MAX_NL: Final = 40_000_000


class Start(NamedTuple):
    """A bolus that may start."""

    kind: int
    volume_nl: int
    rate_q: int


class Sender(NamedTuple):
    """Which request asks: its id, and the CRC of its type and body."""

    request_id: int
    body_crc: int


def request_bolus(machine: Machine, asked: Bolus | PatientBolus | Prime, sender: Sender) -> Started | Refused:
    """Starts it and keeps it on record, or refuses and logs why."""
    judged = _barred(machine) or _judge(machine, asked)
    if isinstance(judged, Broken):
        machine.emit(Event.BOLUS_REFUSED, judged.refusal, sender.request_id)
        return refused_for(type(asked), judged)
    if judged.kind == FluidKind.PATIENT:
        _enter_start(machine)
    add_record(machine.durable, sender.request_id, sender.body_crc, judged.kind, judged.volume_nl)
    start_bolus(machine, *judged)
    return Started(
        kind=judged.kind, volume_nl=judged.volume_nl, rate_nl_per_day=judged.rate_q,
        refill_due_life_ticks=machine.durable.refill_due_life_ticks,
    )  # fmt: skip


def _judge(machine: Machine, asked: Bolus | PatientBolus | Prime) -> Broken | Start:
    if isinstance(asked, PatientBolus):
        return _judge_patient(machine)
    return _judge_clinician(machine, asked) if isinstance(asked, Bolus) else _judge_prime(machine, asked)


def _barred(machine: Machine) -> Broken | None:
    """What bars every bolus."""
    controller, durable = machine.controller, machine.durable
    if controller.update_stage != UpdateStage.IDLE or durable.held:
        return Broken(Refusal.UPDATE_IN_PROGRESS, durable.held, controller.update_stage)
    if outcome(machine, "bolus") == "refused" or machine.plan.mode == Mode.STOPPED or durable.stalled:
        return Broken(Refusal.INVALID_STATE, 0, durable.therapy_state)
    return None


def _owed(machine: Machine, kinds: tuple[int, ...]) -> Broken | None:
    kind = next((kind for kind in kinds if machine.durable.owed_q[kind]), None)
    return None if kind is None else Broken(Refusal.BOLUS_IN_PROGRESS, 0, kind)


def _too_much(volume: int) -> Broken | None:
    return Broken(Refusal.VOLUME_RANGE, VOLUME_MAX_NL, volume) if volume > VOLUME_MAX_NL else None


def _not_as_derived(volume: int, asked_nl: int) -> Broken | None:
    """The programmer's own volume must be the pump's, and there must be one."""
    if volume != asked_nl:
        return Broken(Refusal.VOLUME_MISMATCH, volume, asked_nl)
    return Broken(Refusal.VOLUME_RANGE, 1, 0) if volume == 0 else None


def _not_enough(machine: Machine, volume: int) -> Broken | None:
    """What is owed already counts as gone."""
    estimate = machine.durable.reservoir_estimated_nl
    if volume + owed_nl(sum(machine.durable.owed_q)) + machine.config.reservoir_empty_nl > estimate:
        return Broken(Refusal.RESERVOIR_TOO_LOW, estimate, volume)
    return None


def _judge_patient(machine: Machine) -> Broken | Start:
    plan = machine.plan
    volume = plan.patient_volume_nl
    if plan.program.patient_dose_ng == 0:
        return Broken(Refusal.NOT_ENABLED, 0, 0)
    broken = _owed(machine, (FluidKind.PRIME, FluidKind.BRIDGE, FluidKind.PATIENT)) or _too_soon(machine) or _too_much(volume)
    if broken is None and volume == 0:
        broken = Broken(Refusal.VOLUME_RANGE, 1, 0)
    broken = broken or _not_enough(machine, volume) or bolus_breaks_limit(machine, volume)
    return broken or Start(FluidKind.PATIENT, volume, bolus_rate_q(volume, plan.program.patient_duration_ticks))


def _too_soon(machine: Machine) -> Broken | None:
    """Lockout since the newest start, then the count of 24 hours. Entries are the start's life tick plus 1, 0: none."""
    controller, life, program = machine.controller, machine.durable.life_ticks, machine.plan.program
    starts = controller.patient_start_life_ticks
    newest = starts[mod(controller.patient_head_index + PATIENT_BOLUSES - 1, PATIENT_BOLUSES)]
    if newest and life + 1 - newest < program.patient_lockout_ticks:
        return Broken(Refusal.LOCKOUT, program.patient_lockout_ticks, life + 1 - newest)
    recent = sum(1 for start in starts if start and life + 1 - start < TICKS_PER_DAY)
    return Broken(Refusal.DAILY_MAXIMUM, program.patient_count, recent) if recent >= program.patient_count else None


def _enter_start(machine: Machine) -> None:
    controller = machine.controller
    controller.patient_start_life_ticks[controller.patient_head_index] = machine.durable.life_ticks + 1
    controller.patient_head_index = mod(controller.patient_head_index + 1, PATIENT_BOLUSES)


def _judge_clinician(machine: Machine, asked: Bolus) -> Broken | Start:
    if broken := _owed(machine, (FluidKind.PRIME, FluidKind.BRIDGE, FluidKind.CLINICIAN)):
        return broken
    if asked.dose_ng == 0:
        return Broken(Refusal.VOLUME_RANGE, 1, 0)
    volume = volume_nl(asked.dose_ng, machine.plan.concentration)
    if broken := _too_much(volume) or _not_as_derived(volume, asked.volume_nl):
        return broken
    if not DURATION_MIN_TICKS <= asked.duration_ticks <= DURATION_MAX_TICKS:
        bound = DURATION_MIN_TICKS if asked.duration_ticks < DURATION_MIN_TICKS else DURATION_MAX_TICKS
        return Broken(Refusal.DURATION_RANGE, bound, asked.duration_ticks)
    rate_q = bolus_rate_q(volume, asked.duration_ticks)
    if rate_q > RATE_MAX_NL_PER_DAY:
        return Broken(Refusal.RATE_TOO_HIGH, RATE_MAX_NL_PER_DAY, rate_q)
    broken = _not_enough(machine, volume) or bolus_breaks_limit(machine, volume)
    return broken or Start(FluidKind.CLINICIAN, volume, rate_q)


def _judge_prime(machine: Machine, asked: Prime) -> Broken | Start:
    """No dose window: it fills the line."""
    if broken := _owed(machine, ACCOUNTS):
        return broken
    catheter_nl = machine.durable.catheter_length_mm * machine.config.catheter_nl_per_mm
    tubing_nl = machine.durable.tubing_nl
    volumes = {
        PrimeScope.TUBING: tubing_nl,
        PrimeScope.CATHETER: catheter_nl,
        PrimeScope.TUBING_AND_CATHETER: tubing_nl + catheter_nl,
    }
    if asked.scope not in volumes:
        return Broken(Refusal.VOLUME_RANGE, PrimeScope.TUBING_AND_CATHETER, asked.scope)
    volume = volumes[asked.scope]
    broken = _too_much(volume) or _not_as_derived(volume, asked.volume_nl) or _not_enough(machine, volume)
    return broken or Start(FluidKind.PRIME, volume, machine.config.prime_rate_nl_per_day)
