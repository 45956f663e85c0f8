"""Credits: time runs exactly as far as it was granted, or stops at the first thing that the mask names."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import FIRST_STEP, PATIENT, STEP_TICKS, UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, Level, Refusal, StopMask, StopReason
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Abort, Done, Inject, MeasureBattery, PatientBolus, Report, RunTo, Stop

SECTION: Final = "SEMANTICS 13"
EFFECT: Final = StopMask.bit_of(StopMask.EFFECT)
ACTUATOR: Final = StopMask.bit_of(StopMask.ACTUATOR)
ALARM: Final = StopMask.bit_of(StopMask.ALARM)
RESET: Final = StopMask.bit_of(StopMask.RESET)
ALL: Final = EFFECT | ACTUATOR | ALARM | RESET
ABORT_S: Final = 20
"""A credit that is aborted would take so long by what the device says of its speed."""


@check("credit.runs-to-its-target", SECTION, Level.L1)
def runs_to_its_target(pump: Subject) -> None:
    """Credits of one tick, of a few and of many end at their tick, and their frame carries it."""
    pump.start()
    for tick in (1, 2, 3, 10, 11, 999, 1_000, 5_000):
        reply = pump.send(pump.frame(RunTo(target_tick=tick, stop_mask=0)))
        pump.expect_reply(reply.message, Report)
        pump.expect_fields(reply.message, reached_tick=tick, reason=StopReason.TARGET)
        pump.expect("header.tick of the report", reply.header.tick, tick)
    pump.open()
    pump.expect_fields(pump.status(), life_ticks=5_000)


@check("credit.of-no-ticks-reports-at-once", SECTION, Level.L1)
def of_no_ticks(pump: Subject) -> None:
    """A credit to the tick that is reached changes nothing, whatever its mask."""
    pump.start()
    treat(pump)
    before = pump.at(FIRST_STEP)
    for mask in (0, ALL):
        pump.expect("the report of no ticks", pump.credit(FIRST_STEP, mask), before)


@check("credit.into-the-past-is-refused", SECTION, Level.L1)
def into_the_past(pump: Subject) -> None:
    """A target below the tick that is reached is refused with both."""
    pump.start()
    pump.at(500)
    for target in (499, 0):
        pump.refused(RunTo(target_tick=target, stop_mask=ALL), Refusal.TICK_PASSED, 500, target)


@check("credit.in-pieces-is-the-same-as-whole", SECTION, Level.L1)
def in_pieces(pump: Subject) -> None:
    """The same span in one credit and in pieces of 1, 2, 4 ... ticks ends in the same report."""
    reports = []
    for pieces in (False, True):
        pump.start()
        treat(pump)
        pump.close()  # its id differs from one session to the next
        end, at, step = UPDATE_TICKS + 2_000, UPDATE_TICKS, 1
        while pieces and at + step < end:
            at, step = at + step, step * 2
            pump.at(at)
        reports.append(pump.at(end))
    pump.expect("the report after pieces", reports[1], reports[0])


@check("credit.stops-at-a-step", SECTION, Level.L1)
def stops_at_a_step(pump: Subject) -> None:
    """With bit ACTUATOR a credit stops at each motor step, in its very tick, and reports it; without, it goes on."""
    pump.start()
    treat(pump)
    for step in range(3):
        report = pump.run_to(9_999, ACTUATOR)
        expected = {"reached_tick": FIRST_STEP + step * STEP_TICKS, "reason": StopReason.ACTUATOR, "step_commanded": 1}
        pump.expect_fields(report, **expected, sample_commanded=0)
    pump.expect_fields(pump.at(FIRST_STEP + 2 * STEP_TICKS + 1), step_commanded=0)
    # Unmasked, steps stop nothing: what comes next is the end of the session, silent since tick 0.
    pump.expect_fields(pump.run_to(9_000, EFFECT | ALARM | RESET), reached_tick=3_000, reason=StopReason.EFFECT)


@check("credit.stops-at-a-sample", SECTION, Level.L1)
def stops_at_a_sample(pump: Subject) -> None:
    """A battery sample that was asked for is an actuator of the next tick; its voltage is an effect of the one after."""
    pump.start()
    pump.open()
    pump.done(MeasureBattery())
    pump.expect_fields(
        pump.run_to(100, ACTUATOR), reached_tick=1, reason=StopReason.ACTUATOR, sample_commanded=1, step_commanded=0
    )
    pump.expect_fields(pump.run_to(100, EFFECT), reached_tick=2, reason=StopReason.EFFECT, sample_commanded=0)


@check("credit.stops-at-an-effect", SECTION, Level.L1)
def stops_at_an_effect(pump: Subject) -> None:
    """With bit EFFECT a credit stops at each tick that has one: here the commit, the restart, the end of a bolus."""
    pump.start()
    pump.open()
    commit(pump, **PATIENT)
    for tick in (23, 33):
        pump.expect_fields(pump.run_to(9_999, EFFECT), reached_tick=tick, reason=StopReason.EFFECT)
    pump.ask(PatientBolus())
    pump.expect_fields(pump.run_to(9_999, EFFECT), reached_tick=UPDATE_TICKS + 600, reason=StopReason.EFFECT)


@check("credit.stops-at-an-alarm", SECTION, Level.L1)
def stops_at_an_alarm(pump: Subject) -> None:
    """With bit ALARM a credit stops where an alarm is raised or cleared, and at nothing else."""
    pump.start({"stopped_alarm_ticks": 600})
    pump.expect_fields(pump.run_to(9_999, ALARM), reached_tick=601, reason=StopReason.ALARM)
    pump.open()
    commit(pump)
    pump.expect_fields(pump.run_to(9_999, ALARM), reached_tick=601 + 24, reason=StopReason.ALARM)
    pump.expect_fields(pump.run_to(2_000, ALARM), reached_tick=2_000, reason=StopReason.TARGET)


@check("credit.stops-at-a-reset", SECTION, Level.L3)
def stops_at_a_reset(pump: Subject) -> None:
    """With bit RESET a credit stops in the tick that takes a reset and in the one that completes the boot."""
    pump.start()
    pump.at(10)
    pump.report(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    for tick in (11, 31):
        pump.expect_fields(pump.run_to(9_999, RESET), reached_tick=tick, reason=StopReason.RESET)
    pump.expect_fields(pump.run_to(500, RESET), reached_tick=500, reason=StopReason.TARGET)


@check("credit.names-the-first-reason-of-a-tick", SECTION, Level.L1)
def names_the_first_reason(pump: Subject) -> None:
    """Where a tick has several reasons, reset outranks alarm, alarm actuator, actuator effect, and all of them the target."""
    pump.start({"stopped_alarm_ticks": 600})
    pump.expect_fields(pump.run_to(601, ALL), reached_tick=601, reason=StopReason.ALARM)
    pump.start({"stopped_alarm_ticks": 600})
    # The alarm brings a tone plan, which counts as an actuator.
    pump.expect_fields(pump.run_to(601, ACTUATOR | EFFECT), reached_tick=601, reason=StopReason.ACTUATOR)
    pump.start({"stopped_alarm_ticks": 600})
    pump.expect_fields(pump.run_to(601, EFFECT), reached_tick=601, reason=StopReason.EFFECT)


@check("credit.retried-runs-no-tick-twice", SECTION, Level.L1)
def retried_runs_nothing(pump: Subject) -> None:
    """A grant that is repeated runs no tick: its report and the state are those of the first time."""
    pump.start()
    treat(pump)
    wire = pump.frame(RunTo(target_tick=1_000, stop_mask=0))
    first = pump.send(wire)
    for _ in range(3):
        pump.expect("bytes of the repeated report", pump.send(wire).raw.hex(" "), first.raw.hex(" "))
    pump.expect("the report of no ticks after it", pump.credit(1_000), first.message)


@check("credit.ends-by-an-abort", SECTION, Level.L1)
def ends_by_an_abort(pump: Subject) -> None:
    """An abort ends the credit that is under way: it reports where it stopped, and the abort is answered after it."""
    pump.start()
    target = ABORT_S * pump.ticks_per_second
    grant, abort = pump.frame(RunTo(target_tick=target, stop_mask=0)), pump.frame(Abort())
    heard = [one.message for one in pump.exchange(grant + abort) if isinstance(one, Frame)]
    pump.expect("replies to a grant and its abort", [type(one).__name__ for one in heard], [Report.__name__, Done.__name__])
    pump.expect_fields(heard[0], reason=StopReason.ABORT)
    again = pump.credit(heard[0].reached_tick)
    pump.expect_fields(again, reached_tick=heard[0].reached_tick, controller_crc=heard[0].controller_crc)


@check("credit.abort-is-harmless-otherwise", SECTION, Level.L1)
def abort_is_harmless(pump: Subject) -> None:
    """An abort with no credit under way is Done, and changes nothing."""
    pump.start()
    before = pump.at(100)
    pump.done(Abort())
    pump.expect("the report after an abort", pump.run_to(100), before)
    pump.at(200)


@check("credit.requests-take-no-ticks", "SEMANTICS 7", Level.L1)
def requests_take_no_ticks(pump: Subject) -> None:
    """Requests between two credits take zero ticks: status, a stop and their replies carry the tick that is reached."""
    pump.start()
    treat(pump)
    pump.at(300)
    reply = pump.send(pump.frame(Stop()))
    pump.expect("header.tick of the reply", reply.header.tick, 300)
    pump.expect_fields(pump.status(), life_ticks=300, stopped_ticks=0)
