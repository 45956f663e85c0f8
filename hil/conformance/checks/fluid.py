"""What moves fluid: how much, how fast, once per request whatever is repeated, and never what was refused."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import inject
from pumpbench.hil.conformance.programs import FIRST_STEP, PATIENT, STEP_TICKS, UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, FluidKind, FluidOutcome, Level, Refusal, TherapyState
from pumpbench.protocol.messages import (
    Account,
    AlreadyStarted,
    Bolus,
    Done,
    PatientBolus,
    Prime,
    ReadAccount,
    ReadRecord,
    Refill,
    Refilled,
    Resume,
    Started,
    Stop,
    Subscribe,
    WriteRecord,
)

BOLUS: Final = "SEMANTICS 7.5"
ONCE: Final = "SEMANTICS 7.1 step 6"
STEP_Q: Final = 216_000_000
BOOT_TICKS: Final = 20
SMALL: Final = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)
"""10 000 nl in a minute: 14 400 000 nl/day, 40 steps."""


def _started(pump: Subject, message: Any, **expected: Any) -> int:
    """The request must start; its id."""
    request_id = pump.next_id()
    reply = pump.ask(message, request_id=request_id)
    pump.expect_reply(reply, Started)
    pump.expect_fields(reply, **expected)
    return request_id


def _already(pump: Subject, message: Any, request_id: int, **expected: Any) -> None:
    """The request under its old id is known, and moves nothing."""
    before = _account(pump)
    reply = pump.ask(message, request_id=request_id)
    pump.expect_reply(reply, AlreadyStarted)
    pump.expect_fields(reply, **expected)
    after = _account(pump)
    pump.expect("Account.commanded_q after the repetition", after.commanded_q, before.commanded_q)
    pump.expect("Account.owed_q after the repetition", after.owed_q, before.owed_q)


def _account(pump: Subject) -> Account:
    reply = pump.ask(ReadAccount())
    pump.expect_reply(reply, Account)
    account: Account = reply
    return account


def expect_balanced(pump: Subject) -> Account:
    """The law of the account, at this moment."""
    one = _account(pump)
    pump.expect("Account.commanded_q", one.commanded_q, one.step_count * STEP_Q + one.acc_q + one.owed_q + one.cancelled_q)
    return one


@check("fluid.bolus-says-what-it-starts", BOLUS, Level.L1)
def says_what_it_starts(pump: Subject) -> None:
    """A bolus is answered with its kind, its volume and its own rate; the rate rounds up."""
    pump.start()
    treat(pump)
    _started(pump, SMALL, kind=FluidKind.CLINICIAN, volume_nl=10_000, rate_nl_per_day=14_400_000)
    pump.expect_fields(pump.status(), bolus_kind=FluidKind.CLINICIAN, owed_nl=10_000, rate_nl_per_day=600_000)
    pump.at(pump.tick + 600)
    # 2 nl in 700 ticks: 1 728 000 // 700 is 2468 and a bit.
    _started(pump, Bolus(dose_ng=1, volume_nl=2, duration_ticks=700), volume_nl=2, rate_nl_per_day=2_469)


@check("fluid.bolus-moves-its-volume-once", BOLUS, Level.L1)
def moves_its_volume(pump: Subject) -> None:
    """A bolus of 40 steps moves 40 steps beside the basal ones, ends in its last tick, and the account closes."""
    pump.start()
    treat(pump)
    _started(pump, SMALL)
    pump.at(UPDATE_TICKS + 599)
    pump.expect_fields(pump.status(), owed_nl=17, bolus_kind=FluidKind.CLINICIAN)  # 14 400 000 q left: 16.7 nl
    pump.at(UPDATE_TICKS + 600)
    pump.expect_fields(pump.status(), owed_nl=0, bolus_kind=FluidKind.NONE)
    account = expect_balanced(pump)
    # 601 ticks of 600 000 q and 10 000 nl of 864 000 q: 9 000 600 000 q, 41 steps and 144 600 000 q.
    pump.expect_fields(account, step_count=41, acc_q=144_600_000, owed_q=0, cancelled_q=0, commanded_q=9_000_600_000)


@check("fluid.retry-moves-it-once", ONCE, Level.L1)
def retry_moves_once(pump: Subject) -> None:
    """A bolus asked twice, byte for byte, is started once, and both replies are the same bytes."""
    pump.start()
    treat(pump)
    wire = pump.frame(SMALL)
    first, again = pump.send(wire), pump.send(wire)
    pump.expect("bytes of the repeated reply", again.raw.hex(" "), first.raw.hex(" "))
    pump.at(UPDATE_TICKS + 300)
    pump.expect("bytes of the reply repeated later", pump.send(wire).raw.hex(" "), first.raw.hex(" "))
    pump.at(UPDATE_TICKS + 600)
    pump.expect_fields(expect_balanced(pump), commanded_q=9_000_600_000, step_count=41)


@check("fluid.known-in-a-later-request", ONCE, Level.L1)
def known_in_a_later_request(pump: Subject) -> None:
    """A bolus under its id again, after other requests, is already started: first with what it has delivered, then whole."""
    pump.start()
    treat(pump)
    request_id = _started(pump, SMALL)
    pump.at(UPDATE_TICKS + 60)
    running = {"kind": FluidKind.CLINICIAN, "outcome": FluidOutcome.RUNNING, "volume_nl": 10_000, "delivered_nl": 1_000}
    pump.status()
    _already(pump, SMALL, request_id, **running)
    pump.at(UPDATE_TICKS + 600)
    _already(pump, SMALL, request_id, outcome=FluidOutcome.COMPLETED, volume_nl=10_000, delivered_nl=10_000)


@check("fluid.known-in-a-later-session", ONCE, Level.L1)
def known_in_a_later_session(pump: Subject) -> None:
    """A bolus under its id again, in a later session, is already started; with other bytes it is stale."""
    pump.start()
    treat(pump)
    request_id = _started(pump, SMALL)
    pump.close()
    pump.expect_fields(pump.open(), fluid_highest_id=request_id)
    _already(pump, SMALL, request_id, outcome=FluidOutcome.RUNNING, volume_nl=10_000)
    other = Bolus(dose_ng=5_001, volume_nl=10_002, duration_ticks=600)
    pump.refused(other, Refusal.STALE_ID, None, request_id, request_id=request_id)


@check("fluid.known-after-a-reset", f"{ONCE}, 9", Level.L3)
def known_after_a_reset(pump: Subject) -> None:
    """A bolus that a reset interrupted is known by its id, with the most that can have flowed, and is not begun again."""
    pump.start()
    treat(pump)
    request_id = _started(pump, SMALL)
    pump.at(UPDATE_TICKS + 60)
    inject(pump, Fault.RESET)
    pump.at(UPDATE_TICKS + 61 + BOOT_TICKS)
    pump.session = 0
    pump.expect_fields(pump.open(), fluid_highest_id=request_id)
    pump.expect_fields(pump.status(), owed_nl=0, bolus_kind=FluidKind.NONE, therapy_state=TherapyState.THERAPY, boot_count=2)
    # The check-point is of the start: nothing delivered for sure, but up to the whole of it within its hour.
    _already(pump, SMALL, request_id, outcome=FluidOutcome.INTERRUPTED, volume_nl=10_000, delivered_nl=10_000)
    expect_balanced(pump)


@check("fluid.refill-counts-once", ONCE, Level.L1)
def refill_counts_once(pump: Subject) -> None:
    """A refill under its id again, in a later session, is already started: the estimate does not rise twice."""
    pump.start()
    treat(pump)
    request_id = pump.next_id()
    filled = Refill(measured_nl=18_000_000, fill_nl=19_000_000)
    pump.expect_reply(pump.ask(filled, request_id=request_id), Refilled)
    pump.at(FIRST_STEP)
    pump.close()
    pump.open()
    pump.expect_reply(pump.ask(filled, request_id=request_id), AlreadyStarted)
    pump.expect_fields(pump.status(), reservoir_estimated_nl=19_000_000 - 250)


@check("fluid.one-clinicians-bolus-at-a-time", BOLUS, Level.L1)
def one_at_a_time(pump: Subject) -> None:
    """While a clinician's bolus is owed, another is refused with its kind; a prime is refused for any."""
    pump.start()
    treat(pump, **PATIENT)
    _started(pump, SMALL)
    pump.refused(SMALL, Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.CLINICIAN)
    pump.refused(Prime(scope=1, volume_nl=200_000), Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.CLINICIAN)
    _started(pump, PatientBolus(), kind=FluidKind.PATIENT)
    pump.expect_fields(pump.status(), bolus_kind=FluidKind.PATIENT, owed_nl=20_000)


@check("fluid.bolus-is-judged", BOLUS, Level.L1)
def bolus_is_judged(pump: Subject) -> None:
    """A bolus of nothing, of another volume than the pump derives, too short, too long, too fast or too large is refused."""
    pump.start()
    treat(pump)

    def bolus(dose_ng: int, volume_nl: int, duration_ticks: int) -> Bolus:
        return Bolus(dose_ng=dose_ng, volume_nl=volume_nl, duration_ticks=duration_ticks)

    pump.refused(bolus(0, 0, 600), Refusal.VOLUME_RANGE, 1, 0)
    pump.refused(bolus(5_000, 10_001, 600), Refusal.VOLUME_MISMATCH, 10_000, 10_001)
    pump.refused(bolus(5_000, 10_000, 9), Refusal.DURATION_RANGE, 10, 9)
    pump.refused(bolus(5_000, 10_000, 864_001), Refusal.DURATION_RANGE, 864_000, 864_001)
    pump.refused(bolus(5_000, 10_000, 10), Refusal.RATE_TOO_HIGH, 24_000_000, 864_000_000)
    pump.refused(bolus(20_000_001, 40_000_002, 864_000), Refusal.VOLUME_RANGE, 40_000_000, 40_000_002)
    pump.refused(bolus(9_000_000, 18_000_000, 864_000), Refusal.RESERVOIR_TOO_LOW, 18_000_000, 18_000_000)
    pump.expect_fields(expect_balanced(pump), owed_q=0)


@check("fluid.bolus-leaves-the-reserve", BOLUS, Level.L1)
def leaves_the_reserve(pump: Subject) -> None:
    """A bolus may take the reservoir down to empty and not below: exactly so much is allowed, and a nl more is not."""
    pump.start(reservoir_estimated_nl=600_000)
    treat(pump, low_reservoir_nl=500_000)
    too_much = Bolus(dose_ng=50_001, volume_nl=100_002, duration_ticks=36_000)
    pump.refused(too_much, Refusal.RESERVOIR_TOO_LOW, 600_000, 100_002)
    _started(pump, Bolus(dose_ng=50_000, volume_nl=100_000, duration_ticks=36_000), volume_nl=100_000)


@check("fluid.bolus-counts-in-the-dose-window", "SEMANTICS 7.7", Level.L1)
def counts_in_the_window(pump: Subject) -> None:
    """A bolus that would pass the dose limit of 24 hours is refused with the limit; one that fits is given."""
    pump.start()
    # The window ends with an hour, so 863 967 of its ticks are left: at 600 000 q and 500 ug/ml 1 199 954.2 quanta of 250 pg. The
    # limit is 1 240 000 quanta: 40 045 are left, and 10 012 ng are 40 048; all together 1 240 003, 310 001 ng.
    treat(pump, dose_limit_ng=310_000)
    over = Bolus(dose_ng=10_012, volume_nl=20_024, duration_ticks=6_000)
    pump.refused(over, Refusal.DOSE_LIMIT, 310_000, 310_001)
    _started(pump, Bolus(dose_ng=10_011, volume_nl=20_022, duration_ticks=6_000))


@check("fluid.none-without-therapy", f"{BOLUS}, 5", Level.L1)
def none_without_therapy(pump: Subject) -> None:
    """A stopped pump gives no bolus and no prime, and a program without one no patient bolus."""
    pump.start()
    pump.open()
    for message in (SMALL, PatientBolus(), Prime(scope=1, volume_nl=200_000)):
        pump.refused(message, Refusal.INVALID_STATE, 0, TherapyState.STOPPED)
    treat(pump)
    pump.refused(PatientBolus(), Refusal.NOT_ENABLED, 0, 0)


@check("fluid.stop-suspends-a-bolus", "SEMANTICS 5", Level.L1)
def stop_suspends(pump: Subject) -> None:
    """A stop freezes what a bolus owes; a resume gives the rest and makes up nothing else."""
    pump.start()
    treat(pump)
    _started(pump, SMALL)
    pump.at(UPDATE_TICKS + 300)
    pump.done(Stop())
    pump.at(UPDATE_TICKS + 2_000)
    pump.expect_fields(pump.status(), therapy_state=TherapyState.STOPPED, owed_nl=5_000, bolus_kind=FluidKind.NONE)
    pump.done(Resume())
    pump.at(UPDATE_TICKS + 2_300)
    pump.expect_fields(pump.status(), owed_nl=0)
    # 301 ticks of basal before, 300 after: as if nobody had stopped.
    pump.expect_fields(expect_balanced(pump), commanded_q=9_000_600_000, step_count=41)


@check("fluid.prime-fills-its-part", BOLUS, Level.L1)
def prime_fills(pump: Subject) -> None:
    """A prime moves the volume of its part of the line at the prime rate, basal resting; another scope or volume is refused."""
    pump.start()
    treat(pump)
    pump.refused(Prime(scope=0, volume_nl=0), Refusal.VOLUME_RANGE, 3, 0)
    pump.refused(Prime(scope=4, volume_nl=0), Refusal.VOLUME_RANGE, 3, 4)
    pump.refused(Prime(scope=2, volume_nl=110_001), Refusal.VOLUME_MISMATCH, 110_000, 110_001)  # 500 mm of 220 nl
    pump.refused(Prime(scope=3, volume_nl=200_000), Refusal.VOLUME_MISMATCH, 310_000, 200_000)
    _started(pump, Prime(scope=1, volume_nl=200_000), kind=FluidKind.PRIME, volume_nl=200_000, rate_nl_per_day=24_000_000)
    pump.expect_fields(pump.status(), bolus_kind=FluidKind.PRIME, rate_nl_per_day=0)
    pump.refused(SMALL, Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.PRIME)
    pump.refused(Refill(measured_nl=0, fill_nl=1), Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.PRIME)
    # 200 000 nl * 864 000 q at 24 000 000 q a tick: 7200 ticks.
    pump.done(Subscribe(period_ticks=0))
    for tick in (2_500, 5_000, 7_199):
        pump.at(UPDATE_TICKS + tick)
        pump.status()
    pump.expect_fields(pump.status(), bolus_kind=FluidKind.PRIME, owed_nl=28)  # 24 000 000 q are 27.8 nl
    pump.at(UPDATE_TICKS + 7_200)
    pump.expect_fields(pump.status(), bolus_kind=FluidKind.NONE, rate_nl_per_day=600_000, step_count=800)


@check("fluid.refill-sets-the-estimate", "SEMANTICS 7.6", Level.L1)
def refill_sets(pump: Subject) -> None:
    """A refill sets the estimate to the fill and tells what was expected; a residual beyond the tolerance is a discrepancy."""
    pump.start(reservoir_estimated_nl=10_000_000)
    treat(pump)
    pump.at(FIRST_STEP + 3 * STEP_TICKS)  # four steps: 9 999 000 nl; used 1000 nl, tolerance 145 nl
    pump.refused(Refill(measured_nl=20_000_001, fill_nl=20_000_002), Refusal.VOLUME_RANGE, 20_000_000, 20_000_001)
    pump.refused(Refill(measured_nl=0, fill_nl=20_000_001), Refusal.VOLUME_RANGE, 20_000_000, 20_000_001)
    exact = pump.ask(Refill(measured_nl=9_999_145, fill_nl=10_000_000))
    pump.expect_reply(exact, Refilled)
    pump.expect_fields(exact, expected_nl=9_999_000, more_nl=145, less_nl=0, discrepancy=0)
    pump.expect_fields(pump.status(), reservoir_estimated_nl=10_000_000)
    off = pump.ask(Refill(measured_nl=9_999_999, fill_nl=12_000_000))
    pump.expect_fields(off, expected_nl=10_000_000, more_nl=0, less_nl=1, discrepancy=1)
    pump.expect_fields(pump.ask(ReadRecord()), fill_nl=12_000_000, residual_more_nl=0, residual_less_nl=1)


@check("fluid.account-closes-always", "SEMANTICS 14 law 2", Level.L1)
def account_closes(pump: Subject) -> None:
    """What was commanded is what was stepped, is kept, is owed and was cancelled: through boluses, stops and a new program."""
    pump.start()
    treat(pump, **PATIENT)
    for message in (SMALL, PatientBolus(), Stop(), Resume()):
        pump.ask(message)
        expect_balanced(pump)
        pump.at(pump.tick + 77)
        expect_balanced(pump)
    commit(pump, program_id=8)
    pump.at(pump.tick + UPDATE_TICKS)
    account = expect_balanced(pump)
    pump.expect("Account.cancelled_q is more than 0 after a new program", account.cancelled_q > 0, True)


@check("fluid.line-is-what-the-record-says", "SEMANTICS 7.6", Level.L1)
def line_of_the_record(pump: Subject) -> None:
    """WriteRecord changes catheter and tubing, which a prime then goes by; what is out of range is refused."""
    pump.start()
    treat(pump)
    pump.refused(WriteRecord(drug=1, catheter_length_mm=1_501, tubing_nl=0), Refusal.RECORD_RANGE, 1_500, 1_501)
    pump.refused(WriteRecord(drug=1, catheter_length_mm=0, tubing_nl=1_000_001), Refusal.RECORD_RANGE, 1_000_000, 1_000_001)
    pump.expect_reply(pump.ask(WriteRecord(drug=2, catheter_length_mm=100, tubing_nl=50_000)), Done)
    pump.expect_fields(pump.ask(ReadRecord()), drug=2, catheter_length_mm=100, tubing_nl=50_000)
    pump.refused(Prime(scope=3, volume_nl=1), Refusal.VOLUME_MISMATCH, 72_000, 1)
