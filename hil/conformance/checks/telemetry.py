"""Telemetry and notices: sent in their ticks while subscribed, and not a tick longer."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import FIRST_STEP, PATIENT, STEP_TICKS, UPDATE_TICKS, commit, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Event, FluidKind, Level, Mode
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import EventNotice, PatientBolus, Stop, Subscribe, Telemetry

SECTION: Final = "SEMANTICS 7.3"


def _taken(pump: Subject, kind: type) -> list[Any]:
    """What came unasked of one kind since the last look: (tick, message)."""
    found = [(one.head[7], one.message) for one in pump.unasked if isinstance(one.message, kind)]
    pump.unasked.clear()
    return found


def _ticks(pump: Subject) -> list[int]:
    return [tick for tick, _ in _taken(pump, Telemetry)]


@check("telemetry.keeps-its-period", SECTION, Level.L1)
def keeps_its_period(pump: Subject) -> None:
    """Telemetry comes after each tick that is a whole number of periods from the subscription, however credits are cut."""
    pump.start()
    pump.open()
    pump.at(7)
    pump.done(Subscribe(period_ticks=100))
    for tick in (8, 106, 107, 250, 507):
        pump.at(tick)
    pump.expect("ticks of the telemetry", _ticks(pump), [107, 207, 307, 407, 507])


@check("telemetry.comes-each-tick-if-asked", SECTION, Level.L1)
def comes_each_tick(pump: Subject) -> None:
    """With a period of 1 each tick has one, and none is lost or sent twice."""
    pump.start()
    pump.open()
    pump.done(Subscribe(period_ticks=1))
    pump.at(50)
    pump.expect("ticks of the telemetry", _ticks(pump), list(range(1, 51)))


@check("telemetry.ends-with-period-0", SECTION, Level.L1)
def ends_with_period_0(pump: Subject) -> None:
    """Period 0 ends it; a new subscription counts from its own tick."""
    pump.start()
    pump.open()
    pump.done(Subscribe(period_ticks=10))
    pump.at(25)
    pump.expect("ticks before", _ticks(pump), [10, 20])
    pump.done(Subscribe(period_ticks=0))
    pump.at(60)
    pump.expect("ticks without a subscription", _ticks(pump), [])
    pump.done(Subscribe(period_ticks=7))
    pump.at(80)
    pump.expect("ticks after the new one", _ticks(pump), [67, 74])


@check("telemetry.ends-with-its-session", SECTION, Level.L1)
def ends_with_its_session(pump: Subject) -> None:
    """It ends with the session: by close, and by its timeout, of whose tick nothing is sent."""
    pump.start({"session_timeout_ticks": 50})
    pump.open()
    pump.done(Subscribe(period_ticks=10))
    pump.at(100)
    pump.expect("ticks up to the timeout at tick 50", _ticks(pump), [10, 20, 30, 40])
    pump.session = 0
    pump.open()
    pump.done(Subscribe(period_ticks=10))
    pump.close()
    pump.at(140)
    pump.expect("ticks after a close", _ticks(pump), [])


@check("telemetry.keeps-nothing-awake", "SEMANTICS 7.2", Level.L1)
def keeps_nothing_awake(pump: Subject) -> None:
    """Telemetry does not keep a session open: only requests do."""
    pump.start()
    pump.open()
    pump.done(Subscribe(period_ticks=500))
    pump.at(9_000)
    pump.expect("ticks of the telemetry", _ticks(pump), [500, 1_000, 1_500, 2_000, 2_500])


@check("telemetry.says-what-status-says", SECTION, Level.L1)
def says_what_status_says(pump: Subject) -> None:
    """The fields of telemetry and status that have one name have one value in one tick."""
    pump.start()
    treat(pump, **PATIENT)
    pump.ask(PatientBolus())
    pump.done(Subscribe(period_ticks=100))
    pump.at(UPDATE_TICKS + 300)
    sample: Telemetry = _taken(pump, Telemetry)[-1][1]
    status = pump.status()
    same = {"therapy_state", "bolus_kind", "held", "alarms_active", "battery_mv", "rate_nl_per_day", "owed_nl", "log_next_seq"}
    for name in sorted(same | {"reservoir_estimated_nl", "step_count", "life_ticks"}):
        pump.expect(f"Telemetry.{name}", getattr(sample, name), getattr(status, name))
    pump.expect_fields(sample, bolus_kind=FluidKind.PATIENT, owed_nl=5_000)


@check("telemetry.frames-carry-session-and-id-0", "SEMANTICS 7.3, 13", Level.L1)
def frames_carry(pump: Subject) -> None:
    """What comes unasked carries the session, request id 0 and its own tick."""
    pump.start()
    pump.open()
    pump.done(Subscribe(period_ticks=10))
    pump.at(30)
    frames = list(pump.unasked)
    pump.expect("frames in 30 ticks", len(frames), 3)
    for frame in frames:
        pump.expect("header.request_id of telemetry", frame.head[4], 0)
        pump.expect("header.session of telemetry", frame.head[5], pump.session)


@check("notice.comes-for-what-is-logged", SECTION, Level.L1)
def comes_for_what_is_logged(pump: Subject) -> None:
    """Each effect that is logged comes as a notice in its tick, and no other: a whole update, to its last."""
    pump.start()
    pump.open()
    pump.done(Subscribe(period_ticks=1_000_000))
    commit(pump)
    pump.at(FIRST_STEP)
    found = [(tick, one.code, one.arg_0, one.arg_1) for tick, one in _taken(pump, EventNotice)]
    # Staged and restarted are effects that the log does not keep.
    expected = [(0, Event.UPDATE_STARTED, 7, 1), (23, Event.PROGRAM_COMMITTED, 7, 2)]
    pump.expect("notices (tick, code, arg_0, arg_1)", found, expected)


@check("notice.of-a-request-comes-before-its-reply", SECTION, Level.L1)
def comes_before_its_reply(pump: Subject) -> None:
    """The notice of what a request did stands right before the request's reply, with the tick that is reached."""
    pump.start()
    treat(pump)
    pump.done(Subscribe(period_ticks=1_000_000))
    pump.at(UPDATE_TICKS + 10)
    pump.unasked.clear()
    wire = pump.frame(Stop())
    heard = [type(one.message).__name__ for one in pump.exchange(wire) if isinstance(one, Frame)]
    pump.expect("frames of a stop", heard, ["EventNotice", "Done"])


@check("notice.comes-before-telemetry-of-its-tick", SECTION, Level.L1)
def comes_before_telemetry(pump: Subject) -> None:
    """In a tick that has both, notices come first and telemetry shows what they brought."""
    pump.start()
    treat(pump, **PATIENT)
    pump.ask(PatientBolus())
    pump.done(Subscribe(period_ticks=600))
    pump.at(UPDATE_TICKS + 600)
    heard = [(one.head[7], type(one.message).__name__) for one in pump.unasked]
    end = UPDATE_TICKS + 600
    pump.expect("frames of the tick in which a bolus ends", heard, [(end, "EventNotice"), (end, "Telemetry")])
    pump.expect_fields(_taken(pump, Telemetry)[0][1], bolus_kind=FluidKind.NONE, owed_nl=0)


@check("notice.none-without-a-subscription", SECTION, Level.L1)
def none_without(pump: Subject) -> None:
    """Without a subscription nothing comes unasked, whatever happens."""
    pump.start()
    treat(pump, **PATIENT)
    pump.ask(PatientBolus())
    commit(pump, mode=Mode.STOPPED, dose_ng_per_day=0)
    pump.at(UPDATE_TICKS + STEP_TICKS)
    pump.expect("frames that came unasked", [type(one.message).__name__ for one in pump.unasked], [])
