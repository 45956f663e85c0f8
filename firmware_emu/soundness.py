"""Knows which states a pump can go on from, beyond the range of each field; it must not know how a state came about.

Section 13 of SEMANTICS.md, of what a bench restores: no index past a table, no divisor of 0, nothing that owes more than it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.program_rules import is_sound
from pumpbench.firmware_emu.state import Controller, Durable, Plant
from pumpbench.protocol.codes import FluidKind, FluidOutcome, RotorFault, ToneClass, UpdateStage
from pumpbench.protocol.limits import FLUID_RECORDS, PROGRAM_BODY_WORDS, Q_PER_NL

FROM_STAGED: Final = (UpdateStage.STOP, UpdateStage.WRITE, UpdateStage.VERIFY, UpdateStage.COMMIT)
WRITE_TICKS: Final = 7
COMMIT_TICKS: Final = 1
NO_PROGRAM: Final = bytes(4 * PROGRAM_BODY_WORDS)

Problem = str


def refuse_unsound(controller: Controller, durable: Durable, plant: Plant) -> None:
    """Raises ValueError naming the first thing that cannot be; every field lies in its range already."""
    for problem in (*_programs(controller), *_update(controller), *_records(durable), *_plant(controller, plant)):
        raise ValueError(f"snapshot: {problem}; take it from a device, not by hand")


def _programs(controller: Controller) -> Iterator[Problem]:
    Program.from_bytes(bytes(controller.staged)).check()
    if controller.program != NO_PROGRAM and not is_sound(bytes(controller.program)):
        yield "controller.program breaks a rule of programs"
    needed = controller.staged_verified or controller.update_stage in FROM_STAGED
    if needed and not is_sound(bytes(controller.staged)):
        yield "controller.staged breaks a rule of programs and yet is verified or written"


def _update(controller: Controller) -> Iterator[Problem]:
    stage, remaining = controller.update_stage, controller.update_remaining_ticks
    most = {UpdateStage.WRITE: WRITE_TICKS, UpdateStage.COMMIT: COMMIT_TICKS}.get(stage, remaining)
    if stage and not 1 <= remaining <= most:
        yield f"controller.update_remaining_ticks is {remaining} in stage {UpdateStage.name_of(stage)}"


def _records(durable: Durable) -> Iterator[Problem]:
    for place in range(FLUID_RECORDS):
        kind, volume = durable.fluid_kind[place], durable.fluid_volume_nl[place]
        if durable.fluid_outcome[place] != FluidOutcome.RUNNING:
            continue
        if kind > FluidKind.INTERVAL or durable.owed_q[kind] > volume * Q_PER_NL:
            yield f"durable.fluid_kind[{place}] runs as {FluidKind.name_of(kind)} of {volume} nl"


def _plant(controller: Controller, plant: Plant) -> Iterator[Problem]:
    if plant.rotor_fault == RotorFault.INTERMITTENT and not plant.rotor_run_count + plant.rotor_miss_count:
        yield "plant.rotor_run_count and rotor_miss_count are 0 for an intermittent rotor"
    for name, plan in (("controller", controller), ("plant", plant)):
        if plan.tone_class != ToneClass.NONE and not plan.tone_period_ticks:
            yield f"{name}.tone_period_ticks is 0 for a tone"
