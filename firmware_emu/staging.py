"""Knows how a program is staged, judged and committed; it must not know the stages of an update.

Section 7.4 of SEMANTICS.md.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from pumpbench.firmware_emu.arithmetic import u32
from pumpbench.firmware_emu.dose_window import program_breaks_limit
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import Plan, plan_of
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.program_rules import Asked, Broken, first_broken
from pumpbench.firmware_emu.refusing import done, refused, refused_for
from pumpbench.firmware_emu.therapy import MINIMUM_RATE, THERAPY, outcome
from pumpbench.firmware_emu.update import HELD_UPDATE, bridge_rate, is_bridge_asked, line_nl, start_update
from pumpbench.protocol.codes import Event, FluidKind, Mode, Quirk, Refusal, UpdateStage
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import FLEX_STEPS
from pumpbench.protocol.messages import CommitProgram, Done, Refused, Staged, StageFlex, StageProgram, Verified, VerifyProgram

STOP_AT_STAGE: Final = Quirk.bit_of(Quirk.STOP_AT_STAGE)


def stage_program(machine: Machine, asked: StageProgram) -> Staged | Refused:
    """Replaces what was staged; flex steps come after."""
    controller, durable = machine.controller, machine.durable
    if controller.update_stage != UpdateStage.IDLE:
        return refused(StageProgram, Refusal.UPDATE_IN_PROGRESS, 0, controller.update_stage)
    fields = {name: getattr(asked, name) for name in asked._fields}  # type: ignore[attr-defined]
    controller.staged = bytearray(Program(**fields).to_bytes())
    controller.staged_present, controller.staged_verified = 1, 0
    if machine.config.quirks & STOP_AT_STAGE and durable.therapy_state in (THERAPY, MINIMUM_RATE):
        durable.held |= HELD_UPDATE
    machine.emit(Event.PROGRAM_STAGED, asked.program_id)
    return Staged(program_crc=crc32c(controller.staged))


def _nothing_to_judge(machine: Machine, request: type) -> Refused | None:
    controller = machine.controller
    if controller.update_stage != UpdateStage.IDLE:
        return refused(request, Refusal.UPDATE_IN_PROGRESS, 0, controller.update_stage)
    return None if controller.staged_present else refused(request, Refusal.NOT_STAGED)


def stage_flex(machine: Machine, asked: StageFlex) -> Staged | Refused:
    """Replaces one schedule of the staged program."""
    if nothing := _nothing_to_judge(machine, StageFlex):
        return nothing
    count = len(asked.steps)
    if count > FLEX_STEPS:
        return refused(StageFlex, Refusal.FLEX_COUNT, FLEX_STEPS, count)
    program = Program.from_bytes(bytes(machine.controller.staged))
    first = FLEX_STEPS * asked.schedule
    unused = [0] * (FLEX_STEPS - count)
    program.flex_start_minute[first : first + FLEX_STEPS] = [*(step.start_minute for step in asked.steps), *unused]
    program.flex_dose_ng[first : first + FLEX_STEPS] = [*(step.dose_ng for step in asked.steps), *unused]
    if asked.schedule:
        program.flex_1_count = count
    else:
        program.flex_0_count = count
    machine.controller.staged = bytearray(program.to_bytes())
    machine.controller.staged_verified = 0
    return Staged(program_crc=crc32c(machine.controller.staged))


def verify_program(machine: Machine, asked: VerifyProgram) -> Verified | Refused:
    """Judges the staged program by every rule and by the dose window; nothing of it is logged."""
    if nothing := _nothing_to_judge(machine, VerifyProgram):
        return nothing
    staged = bytes(machine.controller.staged)
    if asked.program_crc != crc32c(staged):
        return refused(VerifyProgram, Refusal.PROGRAM_CHANGED, crc32c(staged), asked.program_crc)
    if broken := _unsound(machine, staged, asked) or program_breaks_limit(machine, _plan(machine, staged)):
        return refused_for(VerifyProgram, broken)
    machine.controller.staged_verified = 1
    old, new = machine.plan.daily_dose_ng(), _plan(machine, staged)
    return Verified(
        program_crc=crc32c(staged), old_program_crc=crc32c(machine.controller.program), daily_dose_ng=u32(new.daily_dose_ng()),
        old_daily_dose_ng=u32(old), second_confirmation=int(needs_second_confirmation(machine, new)),
    )  # fmt: skip


def _plan(machine: Machine, image: bytes) -> Plan:
    return plan_of(image, machine.config.rate_min_nl_per_day)


def _unsound(machine: Machine, staged: bytes, asked: VerifyProgram) -> Broken | None:
    return first_broken(
        Asked(
            Program.from_bytes(staged), machine.config, asked.rate_check_nl_per_day, asked.volume_check_nl,
            partial(_bridge_rate, machine),
        )
    )  # fmt: skip


def _bridge_rate(machine: Machine, new: Plan) -> int | None:
    old = machine.plan
    return bridge_rate(old, new) if is_bridge_asked(old, new, line_nl(machine)) else None


def needs_second_confirmation(machine: Machine, new: Plan) -> bool:
    """A high daily dose, or one that on some day changes beyond the set factor either way."""
    config, old_ng, new_ng = machine.config, machine.plan.daily_dose_ng(), new.daily_dose_ng()
    if new_ng > config.dose_confirm_above_ng:
        return True
    factor = config.dose_factor_count
    return old_ng > 0 and new_ng > 0 and (new_ng > old_ng * factor or new.least_daily_dose_ng() * factor < old_ng)


def commit_program(machine: Machine, asked: CommitProgram) -> Done | Refused:
    """Starts the update, or logs why not."""
    answer = _commit_refused(machine, asked)
    if answer is None:
        start_update(machine)
        return done(CommitProgram)
    present = machine.controller.staged_present
    program_id = int.from_bytes(machine.controller.staged[:4], "little") if present else 0
    machine.emit(Event.COMMIT_REFUSED, answer.refusal, program_id)
    return answer


def _commit_refused(machine: Machine, asked: CommitProgram) -> Refused | None:
    if outcome(machine, "commit") == "refused":
        return refused(CommitProgram, Refusal.INVALID_STATE, 0, machine.durable.therapy_state)
    if nothing := _nothing_to_judge(machine, CommitProgram):
        return nothing
    if not machine.controller.staged_verified:
        return refused(CommitProgram, Refusal.NOT_VERIFIED)
    staged = bytes(machine.controller.staged)
    new = _plan(machine, staged)
    # What the line still holds of the old drug would run at the new rate.
    if machine.durable.owed_q[FluidKind.BRIDGE] and new.mode != Mode.STOPPED:
        return refused(CommitProgram, Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.BRIDGE)
    for stands, named in ((staged, asked.program_crc), (machine.controller.program, asked.old_program_crc)):
        if crc32c(stands) != named:
            return refused(CommitProgram, Refusal.PROGRAM_CHANGED, crc32c(stands), named)
    if broken := program_breaks_limit(machine, new):
        return refused_for(CommitProgram, broken)
    dose_ng = new.daily_dose_ng()
    if asked.second_confirmation_ng != dose_ng and needs_second_confirmation(machine, new):
        return refused(CommitProgram, Refusal.NEEDS_SECOND_CONFIRMATION, dose_ng, asked.second_confirmation_ng)
    return None
