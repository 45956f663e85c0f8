"""How a programmer changes therapy and reads the log, request by request; it knows no link, and time only as a callback.

The sums a pump checks are derived here anew, as programmer software does, from the rules of a program in SEMANTICS.md.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pumpbench.protocol.codes import Mode, ProgramSource, UpdateStage
from pumpbench.protocol.limits import MINUTES_PER_DAY
from pumpbench.protocol.messages import (
    CommitProgram,
    FlexStep,
    LogEntry,
    LogPage,
    ProgramRead,
    ReadLog,
    ReadProgram,
    ReadStatus,
    Refused,
    Staged,
    StageFlex,
    StageProgram,
    Status,
    Verified,
    VerifyProgram,
)

Request = Callable[[Any], Any]
"""Sends one therapy request and gives the reply; None where the link lost it."""
Advance = Callable[[int], None]
"""Lets so many ticks pass."""

POLL_TICKS: Final = 10
# The three configurable stages of an update take at most 600 ticks each, the others 8.
UPDATE_TICKS_MAX: Final = 3 * 600 + 8
U32_MAX: Final = 0xFFFF_FFFF


class Plan(NamedTuple):
    """A program as a clinician means it. `confirm_second`: repeat the new daily dose where the pump asks for it."""

    program: StageProgram
    flex_0: tuple[FlexStep, ...] = ()
    flex_1: tuple[FlexStep, ...] = ()
    confirm_second: bool = False


@dataclass(slots=True)
class Programming:
    """How far a change came: `old`, `verified` are the review; `refused` at `step` ended it; `lost`: no reply at `step`."""

    step: str = "read"
    old: ProgramRead | None = None
    verified: Verified | None = None
    refused: Refused | None = None
    lost: bool = False
    committed: bool = False


def change_program(request: Request, plan: Plan) -> Programming:
    """Reads, stages, verifies, reviews and commits; stops at the first refusal. The update itself then takes time."""
    made = Programming()
    dialogue = _dialogue(plan, made)
    reply: Any = None
    while not made.committed:
        made.step, ask = dialogue.send(reply)
        reply = request(ask)
        made.lost = reply is None
        made.refused = reply if isinstance(reply, Refused) else None
        if made.lost or made.refused:
            break
        made.committed = made.step == "commit"
    return made


def await_update(request: Request, advance: Advance) -> Status | None:
    """Polls status until no update runs; the last status seen, None where the pump or the link gave none."""
    status: Status | None = None
    for _ in range(UPDATE_TICKS_MAX // POLL_TICKS + 1):
        advance(POLL_TICKS)
        reply = request(ReadStatus())
        status = reply if isinstance(reply, Status) else None
        if status is None or status.update_stage == UpdateStage.IDLE:
            break
    return status


def read_log(request: Request, from_seq: int = 0) -> list[LogEntry]:
    """Every entry the ring still holds from `from_seq` on, oldest first; what a refusal or a lost reply hides is missing."""
    entries: list[LogEntry] = []
    while True:
        page = request(ReadLog(from_seq=from_seq))
        if not isinstance(page, LogPage) or not page.entries:
            return entries
        entries += page.entries
        from_seq = page.entries[-1].entry_seq + 1


def rate_check_nl_per_day(plan: Plan) -> int:
    """The sum of the rates a program derives (rule 18); 0 where it derives none or gives no concentration."""
    program = plan.program
    conc = program.concentration_ug_per_ml
    if not conc:
        return 0
    if program.mode in (Mode.SIMPLE_CONTINUOUS, Mode.INTERVAL_BOLUS):
        return _half_up(program.dose_ng_per_day * 1000, conc)
    if program.mode == Mode.FLEX:
        return sum(_flex_rates(plan.flex_0, conc)) + sum(_flex_rates(plan.flex_1, conc))
    return 0


def volume_check_nl(plan: Plan) -> int:
    """The sum of the bolus volumes a program derives (rule 19)."""
    program = plan.program
    conc = program.concentration_ug_per_ml
    doses = (program.interval_dose_ng, program.single_dose_ng, program.patient_dose_ng)
    return sum(volume_nl(dose, conc) for dose in doses) if conc else 0


def volume_nl(dose_ng: int, concentration_ug_per_ml: int) -> int:
    """Volume that carries a dose."""
    return _half_up(dose_ng * 1000, concentration_ug_per_ml)


def _dialogue(plan: Plan, made: Programming) -> Generator[tuple[str, Any], Any, None]:
    """Each request with the name of its step; later ones are built from the replies to earlier ones."""
    made.old = yield "read", ReadProgram(source=ProgramSource.IN_FORCE)
    staged: Staged = yield "stage", plan.program
    for schedule, steps in enumerate((plan.flex_0, plan.flex_1)):
        if steps:
            staged = yield f"stage flex {schedule}", StageFlex(schedule=schedule, steps=steps)
    made.verified = yield "verify", _verify(plan, staged.program_crc)
    assert made.verified is not None
    assert made.old is not None
    repeated_ng = made.verified.daily_dose_ng if plan.confirm_second and made.verified.second_confirmation else 0
    yield (
        "commit",
        CommitProgram(program_crc=staged.program_crc, old_program_crc=made.old.program_crc, second_confirmation_ng=repeated_ng),
    )


def _verify(plan: Plan, program_crc: int) -> VerifyProgram:
    # A sum that 32 bits do not hold belongs to a program that the pump refuses for its rate first.
    rate, volume = min(rate_check_nl_per_day(plan), U32_MAX), min(volume_check_nl(plan), U32_MAX)
    return VerifyProgram(program_crc=program_crc, rate_check_nl_per_day=rate, volume_check_nl=volume)


def _flex_rates(steps: tuple[FlexStep, ...], conc: int) -> Iterator[int]:
    """A step lasts until the next one, the last until midnight; steps out of order are the pump's to refuse."""
    ends = [*(step.start_minute for step in steps[1:]), MINUTES_PER_DAY]
    for step, end in zip(steps, ends, strict=False):
        minutes = end - step.start_minute
        if minutes > 0:
            yield _half_up(step.dose_ng * 1000 * MINUTES_PER_DAY, conc * minutes)


def _half_up(a: int, b: int) -> int:
    return (2 * a + b) // (2 * b)
