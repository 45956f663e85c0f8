"""Knows the start state of a pump on the bench; it must not know how it is asked for.

Section 13 of SEMANTICS.md, `reset_to_start`.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_floor, u32
from pumpbench.firmware_emu.boot import start_durable
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import NO_FLEX_INDEX
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.state import MEMORY_WORDS, PROGRAM_SLOT_ADDRESS, Controller, Identity, Memory, Plant
from pumpbench.firmware_emu.store import ERASED_WORD, checkpoint_write, commit_word, program_head, write_all
from pumpbench.protocol.codes import Mode, Refusal, ResetCause
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import (
    CATHETER_MAX_MM,
    CONCENTRATION_MAX_UG_PER_ML,
    CONCENTRATION_MIN_UG_PER_ML,
    DOSE_LIMIT_MAX_NG,
    LINE_MIN_NL,
    LINE_PARCELS,
    PL_PER_NL,
    STEP_NL,
    TUBING_MAX_NL,
)
from pumpbench.protocol.messages import Refused, ResetToStart

LOW_RESERVOIR_NL: Final = 2_000_000  # P02
CRITICAL_INTERVAL_TICKS: Final = 6_000
NG_PER_UG: Final = 1_000
START_SEQ: Final = 1


def reset_to_start(machine: Machine, asked: ResetToStart) -> Refused | None:
    """Puts every part but the configuration into its start state; None when done."""
    if refused := _out_of_range(machine, asked):
        return refused
    machine.controller = Controller(flex_shown_index=NO_FLEX_INDEX)
    machine.memory = Memory(words=bytearray(ERASED_WORD * MEMORY_WORDS))
    machine.identity = Identity(
        model=asked.model, serial=asked.serial, implant_day=asked.implant_day, calendar_origin_day=asked.calendar_origin_day
    )
    _start_durable(machine, asked)
    _start_plant(machine, asked)
    machine.controller.program = bytearray(_start_program(machine, asked).to_bytes())
    renew_refill_due(machine)
    _start_memory(machine)
    machine.restart_effects()
    machine.forget_last_tick()
    return None


def _line_nl(machine: Machine, asked: ResetToStart) -> int:
    return asked.tubing_nl + asked.catheter_length_mm * machine.config.catheter_nl_per_mm


def _out_of_range(machine: Machine, asked: ResetToStart) -> Refused | None:
    config, line_nl = machine.config, _line_nl(machine, asked)
    upper = (
        (config.reservoir_capacity_nl, asked.reservoir_true_nl),
        (config.reservoir_capacity_nl, asked.reservoir_estimated_nl),
        (CONCENTRATION_MAX_UG_PER_ML, asked.concentration_ug_per_ml),
        (CONCENTRATION_MAX_UG_PER_ML, asked.line_ug_per_ml),
        (CATHETER_MAX_MM, asked.catheter_length_mm),
        (TUBING_MAX_NL, asked.tubing_nl),
    )
    broken = next(((bound, value) for bound, value in upper if value > bound), None)
    if broken is None and line_nl < LINE_MIN_NL:
        broken = LINE_MIN_NL, line_nl
    if broken is None and asked.charge_nc > config.battery_capacity_nc:
        broken = config.battery_capacity_nc, asked.charge_nc
    if broken is None and asked.life_ticks >= config.life_limit_ticks:
        broken = config.life_limit_ticks, asked.life_ticks
    if broken is None:
        return None
    number = layout_of(ResetToStart).number
    return Refused(refused_type=number, refusal=Refusal.RECORD_RANGE, limit=u32(broken[0]), value=u32(broken[1]))


def _start_durable(machine: Machine, asked: ResetToStart) -> None:
    durable = machine.durable = start_durable(machine)
    durable.program_seq = START_SEQ
    durable.clock_valid = 1
    durable.clock_day = asked.clock_day
    durable.clock_day_ticks = asked.clock_day_ticks
    durable.life_ticks = durable.fill_life_ticks = asked.life_ticks
    durable.drug = asked.drug
    durable.catheter_length_mm = asked.catheter_length_mm
    durable.tubing_nl = asked.tubing_nl
    durable.reservoir_estimated_nl = durable.fill_nl = asked.reservoir_estimated_nl


def _start_program(machine: Machine, asked: ResetToStart) -> Program:
    config = machine.config
    low_nl = min(LOW_RESERVOIR_NL, config.reservoir_capacity_nl)
    return Program(
        mode=Mode.STOPPED,
        concentration_ug_per_ml=max(asked.concentration_ug_per_ml, CONCENTRATION_MIN_UG_PER_ML),
        low_reservoir_nl=max(low_nl, config.reservoir_empty_nl),
        dose_limit_ng=DOSE_LIMIT_MAX_NG,
        critical_interval_ticks=CRITICAL_INTERVAL_TICKS,
    )


def _start_plant(machine: Machine, asked: ResetToStart) -> None:
    parcel_steps = div_floor(div_floor(_line_nl(machine, asked), STEP_NL), LINE_PARCELS)
    machine.plant = Plant(
        reset_cause=ResetCause.START,
        reservoir_true_pl=asked.reservoir_true_nl * PL_PER_NL,
        reservoir_ng_per_ml=asked.concentration_ug_per_ml * NG_PER_UG,
        line_ng_per_ml=[asked.line_ug_per_ml * NG_PER_UG] * LINE_PARCELS,
        parcel_pl=parcel_steps * STEP_NL * PL_PER_NL,
        charge_nc=asked.charge_nc or machine.config.battery_capacity_nc,
    )


def _start_memory(machine: Machine) -> None:
    slot = program_head(START_SEQ, bytes(machine.controller.program)) + commit_word(START_SEQ)
    machine.durable.checkpoint_seq = 1
    write_all(machine.memory, [(PROGRAM_SLOT_ADDRESS[0], slot), checkpoint_write(machine.durable)])
