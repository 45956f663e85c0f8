"""How a programmer changes therapy: the order of requests, the sums it sends, where it stops."""

from collections.abc import Callable
from typing import Any

import pytest

from pumpbench.hil.programming import Plan, change_program, rate_check_nl_per_day, read_log, volume_check_nl
from pumpbench.protocol.codes import Mode, Refusal
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import (
    CommitProgram,
    Done,
    FlexStep,
    LogEntry,
    LogPage,
    ProgramRead,
    ReadLog,
    Refused,
    Staged,
    StageFlex,
    StageProgram,
    Verified,
    VerifyProgram,
)

SIMPLE = StageProgram(
    program_id=7, mode=Mode.SIMPLE_CONTINUOUS, schedule_days=0, concentration_ug_per_ml=500, dose_ng_per_day=300_000,
    low_reservoir_nl=2_000_000, dose_limit_ng=48_000_000, critical_interval_ticks=6000, interval_unit=0, patient_count=0,
    interval_count=0, interval_dose_ng=0, interval_duration_ticks=0, single_dose_ng=0, single_duration_ticks=0,
    patient_dose_ng=0, patient_duration_ticks=0, patient_lockout_ticks=0, bridge=0,
)  # fmt: skip
OLD = replace(ProgramRead(**{field.name: field.lo for field in layout_of(ProgramRead).fields}), program_crc=11)
FLEX = (FlexStep(start_minute=0, dose_ng=100_000), FlexStep(start_minute=720, dose_ng=200_000))
VERIFIED = Verified(program_crc=22, old_program_crc=11, daily_dose_ng=300_000, old_daily_dose_ng=0, second_confirmation=1)
REPLIES: dict[type, Any] = {
    StageProgram: Staged(program_crc=21),
    StageFlex: Staged(program_crc=22),
    VerifyProgram: VERIFIED,
    CommitProgram: Done(done_type=0x0123),
}


def pump_that_refuses(number: int, asked: list[Any]) -> Callable[[Any], Any]:
    """Answers every request well, but refuses the one of that type."""

    def request(message: Any) -> Any:
        asked.append(message)
        if layout_of(type(message)).number == number:
            return Refused(refused_type=number, refusal=Refusal.DOSE_LIMIT, limit=1, value=2)
        return REPLIES.get(type(message), OLD)

    return request


@pytest.mark.parametrize(
    ("plan", "rate", "volume"),
    [
        (Plan(SIMPLE), 600_000, 0),
        (Plan(replace(SIMPLE, mode=Mode.FLEX), FLEX), 400_000 + 800_000, 0),
        (Plan(replace(SIMPLE, mode=Mode.STOPPED)), 0, 0),
        (Plan(replace(SIMPLE, patient_dose_ng=5_000)), 600_000, 10_000),
        (Plan(replace(SIMPLE, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_dose_ng=1)), 0, 2),
    ],
)
def test_checks_are_the_sums_of_what_a_program_derives(plan: Plan, rate: int, volume: int) -> None:
    assert (rate_check_nl_per_day(plan), volume_check_nl(plan)) == (rate, volume)


def test_program_is_read_staged_verified_and_committed_in_that_order() -> None:
    asked: list[Any] = []
    made = change_program(pump_that_refuses(0, asked), Plan(replace(SIMPLE, mode=Mode.FLEX), FLEX, FLEX))
    assert [type(message).__name__ for message in asked] == [
        "ReadProgram", "StageProgram", "StageFlex", "StageFlex", "VerifyProgram", "CommitProgram",
    ]  # fmt: skip
    assert made.committed
    assert asked[-1] == CommitProgram(program_crc=22, old_program_crc=11, second_confirmation_ng=0)


def test_program_repeats_the_dose_when_told_to_confirm() -> None:
    asked: list[Any] = []
    change_program(pump_that_refuses(0, asked), Plan(SIMPLE, confirm_second=True))
    assert asked[-1].second_confirmation_ng == 300_000


def test_program_stops_where_the_pump_refuses() -> None:
    asked: list[Any] = []
    made = change_program(pump_that_refuses(0x0122, asked), Plan(SIMPLE))
    assert (made.step, made.committed, len(asked)) == ("verify", False, 3)
    assert made.refused is not None


def test_program_says_where_the_link_lost_a_reply() -> None:
    made = change_program(lambda message: None, Plan(SIMPLE))
    assert (made.step, made.lost, made.committed) == ("read", True, False)


def test_log_is_read_page_by_page_until_there_is_no_more() -> None:
    entries = [
        LogEntry(entry_seq=seq, life_ticks=0, code=1, clock_minute=0, boot_count=1, arg_0=0, arg_1=0) for seq in range(5, 18)
    ]

    def request(message: ReadLog) -> LogPage:
        rest = tuple(entry for entry in entries if entry.entry_seq >= message.from_seq)[:6]
        return LogPage(oldest_seq=5, next_seq=18, entries=rest)

    assert read_log(request) == entries
