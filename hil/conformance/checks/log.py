"""The event log: what it keeps, in order, with its own time; how it is paged, and what a full ring forgets."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import inject
from pumpbench.hil.conformance.programs import UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Event, Fault, Level, Refusal, ResetCause, TherapyState
from pumpbench.protocol.messages import CommitProgram, LogPage, ReadLog, Resume, Stop, VerifyProgram

SECTION: Final = "SEMANTICS 7.3, 8"
RING: Final = 32
PAGE: Final = 6
CLOCK_VALID: Final = 1 << 31


def _page(pump: Subject, from_seq: int) -> LogPage:
    reply = pump.ask(ReadLog(from_seq=from_seq))
    pump.expect_reply(reply, LogPage)
    page: LogPage = reply
    return page


def _all(pump: Subject) -> list[Any]:
    entries: list[Any] = []
    from_seq = 0
    while (page := _page(pump, from_seq)).entries:
        entries += page.entries
        from_seq = page.entries[-1].entry_seq + 1
    return entries


@check("log.empty-at-the-start", SECTION, Level.L1)
def empty_at_the_start(pump: Subject) -> None:
    """After a start the log is empty: its next sequence is 0, and status says so."""
    pump.start()
    pump.open()
    pump.expect("LogPage", _page(pump, 0), LogPage(oldest_seq=0, next_seq=0, entries=()))
    pump.expect_fields(pump.status(), log_next_seq=0)


@check("log.keeps-what-it-must", SECTION, Level.L1)
def keeps_what_it_must(pump: Subject) -> None:
    """An update, a stop and a resume leave exactly these entries, with age, clock, boot count and arguments."""
    pump.start(life_ticks=10_000, clock_day=2, clock_day_ticks=6_000)
    treat(pump)
    pump.at(1_250)
    pump.done(Stop())
    pump.done(Resume())
    minute = CLOCK_VALID | 2 * 1_440 + 10
    later = minute + 2  # 1250 ticks are two minutes and five seconds
    expected = [
        (0, 10_000, Event.UPDATE_STARTED, minute, 1, 7, 1), (1, 10_023, Event.PROGRAM_COMMITTED, minute, 1, 7, 2),
        (2, 11_250, Event.STOPPED, later, 1, TherapyState.THERAPY, 0), (3, 11_250, Event.RESUMED, later, 1, 0, 0),
    ]  # fmt: skip
    found = [tuple(one) for one in _all(pump)]
    for number, (got, wanted) in enumerate(zip(found, expected, strict=False)):
        pump.expect(f"entry {number} (sequence, age, code, clock, boots, arguments)", got, wanted)
    pump.expect("entries", len(found), len(expected))


@check("log.pages-skip-and-repeat-nothing", SECTION, Level.L1)
def pages(pump: Subject) -> None:
    """Pages of six follow on: read from any sequence on, they give each entry once and in order."""
    pump.start()
    treat(pump)
    for _ in range(8):
        pump.done(Stop())
        pump.done(Resume())
    first = _page(pump, 0)
    pump.expect_fields(first, oldest_seq=0, next_seq=18)
    pump.expect("sequences of the first page", [one.entry_seq for one in first.entries], list(range(PAGE)))
    pump.expect("all sequences", [one.entry_seq for one in _all(pump)], list(range(18)))
    pump.expect("sequences from 16 on", [one.entry_seq for one in _page(pump, 16).entries], [16, 17])
    for beyond in (18, 1_000, 0xFFFF_FFFF):
        pump.expect(f"entries from {beyond} on", _page(pump, beyond).entries, ())


@check("log.full-ring-forgets-the-oldest", SECTION, Level.L1)
def full_ring(pump: Subject) -> None:
    """The ring keeps the newest 32; what is read from below begins at the oldest that is left."""
    pump.start()
    treat(pump)
    for _ in range(20):
        pump.done(Stop())
        pump.done(Resume())
    page = _page(pump, 0)
    pump.expect_fields(page, oldest_seq=42 - RING, next_seq=42)
    pump.expect("all sequences", [one.entry_seq for one in _all(pump)], list(range(42 - RING, 42)))


@check("log.outlives-a-reset", "SEMANTICS 9", Level.L3)
def outlives_a_reset(pump: Subject) -> None:
    """A reset keeps the log; its sequence goes on, the boot is entered with its cause, and the clock counts as invalid."""
    pump.start()
    treat(pump)
    pump.close()
    inject(pump, Fault.RESET)
    pump.at(UPDATE_TICKS + 21)
    pump.session = 0
    pump.open()
    found = _all(pump)
    pump.expect("sequences", [one.entry_seq for one in found], [0, 1, 2])
    booted = found[-1]
    pump.expect_fields(booted, code=Event.BOOT_COMPLETED, arg_0=ResetCause.WATCHDOG, arg_1=2, boot_count=2)
    pump.expect("the clock's valid bit in the entry of the boot", booted.clock_minute & CLOCK_VALID, 0)


@check("log.refusals-of-a-commit-are-kept", "SEMANTICS 7.4", Level.L1)
def refusals_are_kept(pump: Subject) -> None:
    """A commit that is refused is entered with its reason; a verify that is refused is not."""
    pump.start()
    pump.open()
    pump.refused(VerifyProgram(program_crc=1, rate_check_nl_per_day=0, volume_check_nl=0), Refusal.NOT_STAGED)
    pump.refused(CommitProgram(program_crc=1, old_program_crc=1, second_confirmation_ng=0), Refusal.NOT_STAGED)
    found = [(one.code, one.arg_0, one.arg_1) for one in _all(pump)]
    pump.expect("entries (code, arguments)", found, [(Event.COMMIT_REFUSED, Refusal.NOT_STAGED, 0)])
    commit(pump)
    pump.expect_fields(pump.status(), log_next_seq=2)
