"""Power that fails in the midst of writing: at each word, the old program or the new one, nothing doubled, nothing forgotten."""

from __future__ import annotations

import random
from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import inject
from pumpbench.hil.conformance.checks.fluid import expect_balanced
from pumpbench.hil.conformance.programs import UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.states import snapshot_of, states_of
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, FluidOutcome, Level, Refusal, TherapyState
from pumpbench.protocol.messages import AlreadyStarted, Bolus, ReadStatus, Started, Status, Stop

SECTION: Final = "SEMANTICS 4 phase 13, 7, 9, 14 law 6"
BOOT_TICKS: Final = 20
CHECKPOINT_WORDS: Final = 93
LOG_WORDS: Final = 8
OLD_RATE, NEW_RATE = 600_000, 700_000
SETTLED_TICKS: Final = UPDATE_TICKS + BOOT_TICKS + 10
BOLUS: Final = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)


def _booted(pump: Subject) -> Status:
    """After a cut in this tick or the last: the boot is over, and a session open."""
    pump.at(pump.tick + 2 + BOOT_TICKS)
    pump.session = 0
    pump.open()
    return pump.status()


@check("memory.update-cut-at-each-tick", SECTION, Level.L3)
def update_cut_at_each_tick(pump: Subject) -> None:
    """Power cut in any tick of an update leaves the old program up to the commit word, then the new one; therapy resumes."""
    for after in range(1, UPDATE_TICKS + 1):
        # The commit word is the last but the check-point's of tick 23; cut before it, or keeping the whole tick.
        for words in (0, 1_000):
            _update_cut(pump, after, words, new=after > 23 or (after == 23 and words > 0))


@check("memory.update-cut-at-each-word-of-its-commit", SECTION, Level.L3)
def update_cut_at_each_word(pump: Subject) -> None:
    """In the tick of the commit, power cut after any word leaves the old program before the commit word, the new one after it."""
    # The log entry of PROGRAM_COMMITTED, the commit word, then the check-point.
    for words in range(LOG_WORDS + 1 + CHECKPOINT_WORDS + 1):
        _update_cut(pump, 23, words, new=words > LOG_WORDS)


def _update_cut(pump: Subject, after: int, words: int, new: bool) -> None:
    pump.start()
    treat(pump)
    commit(pump, program_id=8, dose_ng_per_day=350_000)
    pump.at(UPDATE_TICKS + after - 1)
    inject(pump, Fault.POWER_CUT, words)
    status = _booted(pump)
    where = f"cut {after} ticks after a commit, after {words} words"
    pump.expect(f"{where}: therapy", status.therapy_state, TherapyState.THERAPY)
    pump.expect(f"{where}: Status.rate_nl_per_day", status.rate_nl_per_day, NEW_RATE if new else OLD_RATE)
    pump.expect(f"{where}: Status.boot_count", status.boot_count, 2)


@check("memory.commit-request-cut-at-each-word", SECTION, Level.L3)
def commit_request_cut(pump: Subject) -> None:
    """Power cut while the commit itself is entered leaves the old program, which resumes; the bench is told by name."""
    rng = random.Random(f"commit words {pump.seed}")
    for words in sorted({0, 1, 8, 100, 101, *rng.sample(range(102), 6)}):
        pump.start()
        treat(pump)
        inject(pump, Fault.POWER_CUT, words)
        pump.refused(Stop(), Refusal.POWER_CUT, 0, 0)
        pump.refused(ReadStatus(), Refusal.BOOTING, 0, 0)
        status = _booted(pump)
        # The check-point is whole with its last word, the 101st: only then the stop is remembered.
        stopped = words >= LOG_WORDS + CHECKPOINT_WORDS
        expected = TherapyState.STOPPED if stopped else TherapyState.THERAPY
        pump.expect(f"therapy after a stop that was cut after {words} words", status.therapy_state, expected)


@check("memory.bolus-cut-at-each-word", SECTION, Level.L3)
def bolus_cut(pump: Subject) -> None:
    """Power cut while a bolus is entered: asked again by its id it either starts once or is known as interrupted."""
    rng = random.Random(f"bolus words {pump.seed}")
    for words in sorted({0, 1, 8, 99, 100, 101, *rng.sample(range(102), 6)}):
        pump.start()
        treat(pump)
        inject(pump, Fault.POWER_CUT, words)
        request_id = pump.next_id()
        pump.refused(BOLUS, Refusal.POWER_CUT, 0, 0, request_id=request_id)
        status = _booted(pump)
        pump.expect(f"nl owed after a bolus that was cut after {words} words", status.owed_nl, 0)
        known = words >= LOG_WORDS + CHECKPOINT_WORDS
        again = pump.ask(BOLUS, request_id=request_id if known else None)
        pump.expect_reply(again, AlreadyStarted if known else Started)
        if known:
            pump.expect_fields(again, outcome=FluidOutcome.INTERRUPTED)
        expect_balanced(pump)


@check("memory.cut-drops-the-ticks-actuators", "SEMANTICS 4 phase 13", Level.L3)
def cut_drops_actuators(pump: Subject) -> None:
    """In the tick in which power fails no step is made: it was commanded, and the plant never saw it."""
    pump.start()
    treat(pump)
    pump.at(391)
    inject(pump, Fault.POWER_CUT, 0)
    report = pump.at(392)
    pump.expect_fields(report, step_commanded=0)

    pump.expect("plant.rotor_count after the tick that was cut", states_of(pump)["plant"].rotor_count, 0)


@check("memory.is-of-the-declared-size", "SEMANTICS 2", Level.L3)
def declared_size(pump: Subject) -> None:
    """A fresh memory holds the start's program in slot 0 and its check-point in slot 1; all else is erased."""
    pump.start()
    words = snapshot_of(pump)[-4 * (114 + 186 + 256) :]
    first = [int.from_bytes(words[4 * at : 4 * at + 4], "little") for at in (0, 56, 57, 113, 114, 206, 207, 299)]
    erased, magic = 0xFFFF_FFFF, 0x434F_4D54
    pump.expect("words 0, 56, 57, 113, 114, 206, 207, 299", first, [1, 1 ^ magic, erased, erased, erased, erased, 1, 1 ^ magic])
    pump.expect("the log is erased", words[4 * 300 :], b"\xff" * (4 * 256))
