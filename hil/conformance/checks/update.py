"""A change of program: staged, verified, committed; stage by stage in its ticks, and atomic in what it does to therapy."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.program_rules import Rule, stage, verify
from pumpbench.hil.conformance.programs import EFFECT_TICKS, FIRST_STEP, PATIENT, STEP_TICKS, UPDATE_TICKS, commit, program, treat
from pumpbench.hil.conformance.states import states_of
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import FluidKind, Level, Mode, ProgramSource, Refusal, TherapyState, UpdateStage
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import (
    Bolus,
    CommitProgram,
    Done,
    FlexRead,
    FlexStep,
    PatientBolus,
    Prime,
    ProgramRead,
    ReadFlex,
    ReadProgram,
    Refill,
    Resume,
    StageFlex,
    StageProgram,
    Stop,
    Verified,
    VerifyProgram,
)

SECTION: Final = "SEMANTICS 6"
STAGING: Final = "SEMANTICS 7.4"
NOTHING: Final = Rule("", 0, 0, 0, 0, {})
COMMIT: Final = CommitProgram(program_crc=1, old_program_crc=2, second_confirmation_ng=0)
# Ticks after a commit -> the stage that status shows then: stop 10 ticks, write 7, verify 5, commit 1, restart 10.
STAGES: Final = (
    (0, UpdateStage.STOP), (9, UpdateStage.STOP), (10, UpdateStage.WRITE), (16, UpdateStage.WRITE), (17, UpdateStage.VERIFY),
    (21, UpdateStage.VERIFY), (22, UpdateStage.COMMIT), (23, UpdateStage.RESTART), (32, UpdateStage.RESTART),
    (33, UpdateStage.IDLE),
)  # fmt: skip


def _rule(**changes: Any) -> Rule:
    return NOTHING._replace(changes=changes)


def _verified(pump: Subject, rule: Rule) -> Verified:
    reply = verify(pump, rule)
    pump.expect_reply(reply, Verified)
    found: Verified = reply
    return found


def _commit_of(verified: Verified, second_ng: int = 0, **changes: int) -> CommitProgram:
    named = {"program_crc": verified.program_crc, "old_program_crc": verified.old_program_crc}
    return CommitProgram(**{**named, "second_confirmation_ng": second_ng, **changes})


@check("update.verify-wants-a-staged-program", STAGING, Level.L1)
def verify_wants_staged(pump: Subject) -> None:
    """With nothing staged, StageFlex, VerifyProgram and CommitProgram are refused."""
    pump.start()
    pump.open()
    nothing = VerifyProgram(program_crc=1, rate_check_nl_per_day=0, volume_check_nl=0)
    for message in (nothing, COMMIT, StageFlex(schedule=0, steps=())):
        pump.refused(message, Refusal.NOT_STAGED, 0, 0)


@check("update.staged-is-read-back", STAGING)
def staged_is_read_back(pump: Subject) -> None:
    """What was staged is read back as it was staged, its flex steps too; the program in force stands."""
    pump.start()
    pump.open()
    in_force = pump.ask(ReadProgram(source=ProgramSource.IN_FORCE))
    pump.expect_reply(in_force, ProgramRead)
    steps = (FlexStep(start_minute=0, dose_ng=100_000), FlexStep(start_minute=480, dose_ng=200_000))
    staged = program(mode=Mode.FLEX, program_id=4711)
    crc = stage(pump, staged, (steps,))
    read = pump.ask(ReadProgram(source=ProgramSource.STAGED))
    pump.expect_reply(read, ProgramRead)
    sent = {field.name: getattr(staged, field.name) for field in layout_of(StageProgram).fields}
    pump.expect_fields(read, source=ProgramSource.STAGED, present=1, program_crc=crc, flex_0_count=2, flex_1_count=0, **sent)
    flex = pump.ask(ReadFlex(source=ProgramSource.STAGED, schedule=0))
    pump.expect("FlexRead", flex, FlexRead(source=ProgramSource.STAGED, schedule=0, steps=steps))
    pump.expect("the program in force", pump.ask(ReadProgram(source=ProgramSource.IN_FORCE)), in_force)


@check("update.nothing-staged-reads-as-nothing", "SEMANTICS 7.3", Level.L1)
def nothing_staged(pump: Subject) -> None:
    """With nothing staged, the staged program reads as absent, all zeros, and without flex steps."""
    pump.start()
    pump.open()
    read = pump.ask(ReadProgram(source=ProgramSource.STAGED))
    pump.expect_reply(read, ProgramRead)
    pump.expect("ProgramRead after its source", tuple(read)[1:], (0,) * (len(tuple(read)) - 1))
    flex = pump.ask(ReadFlex(source=ProgramSource.STAGED, schedule=1))
    pump.expect("FlexRead", flex, FlexRead(source=ProgramSource.STAGED, schedule=1, steps=()))


@check("update.program-crc-is-of-its-bytes", "SEMANTICS 3", Level.L3)
def program_crc(pump: Subject) -> None:
    """Staged and Status give the CRC over the 216 bytes of the program."""
    pump.start()
    pump.open()
    crc = stage(pump, program())
    parts = states_of(pump)
    pump.expect("Staged.program_crc", crc, crc32c(bytes(parts["controller"].staged)))
    pump.expect("Status.program_crc", pump.status().program_crc, crc32c(bytes(parts["controller"].program)))


@check("update.verify-names-the-program", STAGING)
def verify_names(pump: Subject) -> None:
    """A verify that names another program than the staged one is refused with both CRCs."""
    pump.start()
    pump.open()
    crc = stage(pump, program())
    other = VerifyProgram(program_crc=crc ^ 1, rate_check_nl_per_day=600_000, volume_check_nl=0)
    pump.refused(other, Refusal.PROGRAM_CHANGED, crc, crc ^ 1)


@check("update.verify-shows-old-and-new", STAGING, Level.L1)
def verify_shows(pump: Subject) -> None:
    """Verified sets the new daily dose beside the old one, and the CRC in force beside the staged one."""
    pump.start()
    treat(pump)
    verified = _verified(pump, _rule(dose_ng_per_day=400_000))
    in_force = pump.status().program_crc
    pump.expect_fields(
        verified, daily_dose_ng=400_000, old_daily_dose_ng=300_000, old_program_crc=in_force, second_confirmation=0
    )


@check("update.commit-wants-a-verified-program", STAGING)
def commit_wants_verified(pump: Subject) -> None:
    """A staged program that was not verified, or was changed since, cannot be committed."""
    pump.start()
    pump.open()
    crc = stage(pump, program())
    unverified = CommitProgram(program_crc=crc, old_program_crc=pump.status().program_crc, second_confirmation_ng=0)
    pump.refused(unverified, Refusal.NOT_VERIFIED, 0, 0)
    verified = _verified(pump, NOTHING)
    stage(pump, program(program_id=8))
    pump.refused(_commit_of(verified), Refusal.NOT_VERIFIED, 0, 0)


@check("update.refused-verify-leaves-it-unverified", STAGING)
def refused_verify(pump: Subject) -> None:
    """A verify that is refused leaves the staged program unverified."""
    pump.start()
    pump.open()
    crc = stage(pump, program())
    wrong = VerifyProgram(program_crc=crc, rate_check_nl_per_day=1, volume_check_nl=0)
    pump.refused(wrong, Refusal.RATE_MISMATCH, 600_000, 1)
    pump.refused(
        CommitProgram(program_crc=crc, old_program_crc=pump.status().program_crc, second_confirmation_ng=0), Refusal.NOT_VERIFIED
    )


@check("update.commit-names-both-programs", STAGING)
def commit_names_both(pump: Subject) -> None:
    """A commit that names another staged program, or another one in force, than the pump holds is refused with both CRCs."""
    pump.start()
    pump.open()
    verified = _verified(pump, NOTHING)
    new, old = verified.program_crc, verified.old_program_crc
    pump.refused(_commit_of(verified, program_crc=new ^ 1), Refusal.PROGRAM_CHANGED, new, new ^ 1)
    pump.refused(_commit_of(verified, old_program_crc=old ^ 1), Refusal.PROGRAM_CHANGED, old, old ^ 1)


@check("update.large-change-wants-its-dose-repeated", STAGING, Level.L1)
def second_confirmation(pump: Subject) -> None:
    """A daily dose above twice the old one, or below half of it, is committed only where the commit repeats it."""
    pump.start()
    treat(pump)
    for dose_ng, needed in ((600_000, 0), (600_001, 1), (150_000, 0), (149_999, 1)):
        verified = _verified(pump, _rule(dose_ng_per_day=dose_ng))
        pump.expect(f"Verified.second_confirmation of {dose_ng} after 300000", verified.second_confirmation, needed)
        if needed:
            pump.refused(_commit_of(verified), Refusal.NEEDS_SECOND_CONFIRMATION, dose_ng, 0)
            pump.refused(_commit_of(verified, dose_ng - 1), Refusal.NEEDS_SECOND_CONFIRMATION, dose_ng, dose_ng - 1)
    pump.done(_commit_of(verified, dose_ng))


@check("update.large-dose-wants-to-be-repeated", STAGING, Level.L1)
def large_dose(pump: Subject) -> None:
    """A daily dose above 1 000 000 ng wants its second confirmation whatever stood before."""
    pump.start()
    pump.open()
    for dose_ng, needed in ((1_000_000, 0), (1_000_001, 1)):
        verified = _verified(pump, _rule(dose_ng_per_day=dose_ng, dose_limit_ng=48_000_000))
        pump.expect(f"Verified.second_confirmation of {dose_ng}", verified.second_confirmation, needed)


@check("update.stages-take-their-ticks", SECTION, Level.L1)
def stages_take_their_ticks(pump: Subject) -> None:
    """Stop, write, verify, commit and restart each show in the ticks that are theirs; after 33 ticks the update is over."""
    pump.start()
    pump.open()
    commit(pump)
    for tick, expected in STAGES:
        pump.at(tick)
        status = pump.status()
        pump.expect(f"Status.update_stage {tick} ticks after the commit", status.update_stage, expected)


@check("update.takes-effect-at-its-commit-stage", f"{SECTION}.1", Level.L1)
def takes_effect(pump: Subject) -> None:
    """The old program stands until the tick of the commit stage, the 23rd, in which the new one is in force."""
    pump.start()
    pump.open()
    verified = _verified(pump, NOTHING)
    pump.done(_commit_of(verified))
    pump.at(EFFECT_TICKS - 1)
    pump.expect_fields(pump.status(), program_crc=verified.old_program_crc, mode=Mode.STOPPED, therapy_state=TherapyState.STOPPED)
    pump.at(EFFECT_TICKS)
    expected = {"program_crc": verified.program_crc, "mode": Mode.SIMPLE_CONTINUOUS, "therapy_state": TherapyState.THERAPY}
    pump.expect_fields(pump.status(), rate_nl_per_day=0, **expected)
    pump.at(UPDATE_TICKS)
    pump.expect_fields(pump.status(), rate_nl_per_day=600_000, **expected)


@check("update.stages-are-as-configured", SECTION, Level.L1)
def stages_as_configured(pump: Subject) -> None:
    """With stop, verify and restart of one tick each, an update takes 1 + 7 + 1 + 1 + 1 ticks."""
    pump.start({"update_stop_ticks": 1, "update_verify_ticks": 1, "update_restart_ticks": 1})
    pump.open()
    commit(pump)
    pump.at(9)
    pump.expect_fields(pump.status(), update_stage=UpdateStage.COMMIT)
    pump.at(10)
    pump.expect_fields(pump.status(), update_stage=UpdateStage.RESTART)
    pump.at(11)
    pump.expect_fields(pump.status(), update_stage=UpdateStage.IDLE)


@check("update.nothing-flows-meanwhile", SECTION, Level.L1)
def nothing_flows(pump: Subject) -> None:
    """While an update runs nothing is delivered; the part of a step that was there before is kept."""
    pump.start()
    treat(pump)
    at = FIRST_STEP - 10
    pump.at(at)
    before = pump.status()
    # 350 of 360 ticks of the first step are in; 10 more come after the update: ticks at + 33 to at + 42.
    commit(pump, program_id=8)
    pump.at(at + UPDATE_TICKS + 8)
    pump.expect_fields(pump.status(), step_count=before.step_count)
    pump.at(at + UPDATE_TICKS + 9)
    pump.expect_fields(pump.status(), step_count=before.step_count + 1)
    pump.at(at + UPDATE_TICKS + 9 + STEP_TICKS)
    pump.expect_fields(pump.status(), step_count=before.step_count + 2)


@check("update.requests-meanwhile-are-refused", f"{STAGING}, 5, 7.5, 7.6", Level.L1)
def requests_meanwhile(pump: Subject) -> None:
    """While an update runs, nothing that would change therapy is taken; the refusal names the stage."""
    pump.start()
    pump.open()
    commit(pump, **PATIENT)
    pump.at(5)
    verify_it = VerifyProgram(program_crc=1, rate_check_nl_per_day=0, volume_check_nl=0)
    staging = (program(), StageFlex(schedule=0, steps=()), verify_it, COMMIT)
    others = (Stop(), Resume(), PatientBolus(), Bolus(dose_ng=1_000, volume_nl=2_000, duration_ticks=600),
              Prime(scope=1, volume_nl=200_000), Refill(measured_nl=18_000_000, fill_nl=18_000_000))  # fmt: skip
    for message in (*staging, *others):
        pump.refused(message, Refusal.UPDATE_IN_PROGRESS, 0, UpdateStage.STOP)
    pump.at(UPDATE_TICKS)
    pump.expect_reply(pump.ask(Stop()), Done)


@check("update.cancels-what-was-owed", f"{SECTION}.1", Level.L1)
def cancels_what_was_owed(pump: Subject) -> None:
    """A bolus that runs is frozen by an update and cancelled when the new program takes effect."""
    pump.start()
    treat(pump, **PATIENT)
    pump.ask(PatientBolus())
    pump.at(UPDATE_TICKS + 60)
    # 60 ticks at 14 400 000 q of 10 000 nl * 864 000 q: 10 000 - 1 000 = 9 000 nl owed.
    pump.expect_fields(pump.status(), owed_nl=9_000, bolus_kind=FluidKind.PATIENT)
    commit(pump, program_id=8)
    pump.at(UPDATE_TICKS + 60 + EFFECT_TICKS - 1)
    pump.expect_fields(pump.status(), owed_nl=9_000, bolus_kind=FluidKind.NONE)
    pump.at(UPDATE_TICKS + 60 + EFFECT_TICKS)
    pump.expect_fields(pump.status(), owed_nl=0)


@check("update.stop-mode-stops", f"{SECTION}.1", Level.L1)
def stop_mode_stops(pump: Subject) -> None:
    """A program of mode stopped ends delivery, and resume is refused under it."""
    pump.start()
    treat(pump)
    commit(pump, mode=Mode.STOPPED, dose_ng_per_day=0)
    pump.at(2 * UPDATE_TICKS)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.STOPPED, mode=Mode.STOPPED, rate_nl_per_day=0)
    pump.refused(Resume(), Refusal.INVALID_STATE, 0, TherapyState.STOPPED)


@check("update.dose-window-judges-programs", "SEMANTICS 7.7", Level.L1)
def dose_window(pump: Subject) -> None:
    """A program whose next 24 hours exceed its own dose limit is refused, and one that just fits passes."""
    pump.start()
    pump.open()
    # A day at 600 000 nl/day of 500 ug/ml is 300 000 ng: a limit of 299 999 is passed with the last hour of the window.
    pump.is_refused("VerifyProgram", verify(pump, _rule(dose_limit_ng=299_999)), Refusal.DOSE_LIMIT, 299_999, 300_000)
    pump.expect_reply(verify(pump, _rule(dose_limit_ng=300_000)), Verified)
