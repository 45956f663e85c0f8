"""The pump as a programmer sees it: what the `pump` fixture gives; it knows nothing that a programmer could not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pumpbench.hil.plugin.acting import accepted, ask, said
from pumpbench.hil.plugin.outcomes import NoReply
from pumpbench.hil.plugin.reading import Reading, event_reading, reading_of
from pumpbench.hil.plugin.refusing import Refusing
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.programming import await_update, read_log
from pumpbench.hil.rig import Rig
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.protocol.codes import ProgramSource, Role
from pumpbench.protocol.messages import ReadAccount, ReadAlarms, ReadProgram, ReadRecord, ReadStatus

PARTIAL: Final = ("finish", "lose_link_after")
"""Keys of a program that end the dialogue early, so that nothing is waited for."""


class Pump:
    """Acts take the keys and spans of a scenario's step of that name (fixtures/schema) and give the pump's reply.

    A refusal raises `Refusal`, unless `refuses` expects it; a cut link raises `NoReply`. Each act is a session of its own,
    as of a programmer that is held to the patient and taken away again, unless `session` holds one.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._held: int | None = None

    @property
    def tick(self) -> int:
        """Ticks since the start."""
        return self._run.tick

    def advance(self, span: str | int) -> None:
        """Lets time pass: `"3d 12h"`, or a number of ticks."""
        __tracebackhide__ = True
        ticks = parse_duration(span) if isinstance(span, str) else span
        if ticks < 0:
            raise ValueError(f"advance({span!r}): time only goes forward; expected a span such as '3d 12h'")
        self._run.do(lambda rig: rig.run_to(rig.tick + ticks))

    # ---- therapy

    def program(self, *, wait: bool = True, **table: Any) -> Reading:
        """Reads, stages, verifies, reviews and commits; `wait` also lets the update come to its end."""
        __tracebackhide__ = True
        partial = any(name in table for name in PARTIAL)
        return self._act("program", said(**table), then=self._await if wait and not partial else None, silence_allowed=partial)

    def bolus(self, *, dose_ng: int, duration: str, volume_nl: int | None = None) -> Reading:
        __tracebackhide__ = True
        return self._act("bolus", said(dose_ng=dose_ng, duration=duration, volume_nl=volume_nl))

    def patient_bolus(self) -> Reading:
        """Asked for in a patient's session."""
        __tracebackhide__ = True
        return self._act("patient_bolus", True)

    def prime(self, scope: str, volume_nl: int | None = None) -> Reading:
        __tracebackhide__ = True
        return self._act("prime", said(scope=scope, volume_nl=volume_nl))

    def refill(self, fill_nl: int, **table: Any) -> Reading:
        """Withdraws, fills, and tells the pump; an `untold` one gives an empty reading."""
        __tracebackhide__ = True
        return self._act("refill", said(fill_nl=fill_nl, **table))

    def stop(self, role: str | None = None) -> Reading:
        __tracebackhide__ = True
        return self._act("stop", True, role=role)

    def resume(self) -> Reading:
        __tracebackhide__ = True
        return self._act("resume", True)

    def repeat(self) -> Reading:
        """The last request comes again with the same id, as from a programmer that saw no reply."""
        __tracebackhide__ = True
        return self._act("repeat", True)

    # ---- alarms, clock, record

    def silence(self) -> Reading:
        __tracebackhide__ = True
        return self._act("silence", True)

    def test_alarm(self) -> Reading:
        __tracebackhide__ = True
        return self._act("test_alarm", True)

    def measure_battery(self) -> Reading:
        __tracebackhide__ = True
        return self._act("measure_battery", True)

    def set_clock(self, *, day: int, time: str) -> Reading:
        __tracebackhide__ = True
        return self._act("set_clock", said(day=day, time=time))

    def write_record(self, **table: Any) -> Reading:
        __tracebackhide__ = True
        return self._act("write_record", said(**table))

    # ---- reading

    def status(self) -> Reading:
        __tracebackhide__ = True
        return self.request(ReadStatus())

    def alarms(self) -> frozenset[str]:
        """Names of the alarms that are on, silenced or not."""
        __tracebackhide__ = True
        active: frozenset[str] = self.request(ReadAlarms()).alarms_active
        return active

    def program_in_force(self) -> Reading:
        __tracebackhide__ = True
        return self.request(ReadProgram(source=ProgramSource.IN_FORCE))

    def record(self) -> Reading:
        __tracebackhide__ = True
        return self.request(ReadRecord())

    def account(self) -> Reading:
        """Its own dose account; nothing here is the truth of the plant."""
        __tracebackhide__ = True
        return self.request(ReadAccount())

    def log(self, event: str | None = None) -> list[Reading]:
        """What the ring still holds, oldest first; only entries of that name, where one is given."""
        __tracebackhide__ = True
        entries = self._run.do(lambda rig: self._within(rig, lambda: read_log(lambda message: self._heard(rig, message))))
        listed = [
            event_reading(one.code, one.arg_0, one.arg_1, entry_seq=one.entry_seq, life_ticks=one.life_ticks) for one in entries
        ]
        return listed if event is None else [one for one in listed if one.event == event]

    def request(self, message: Any) -> Reading:
        """The reply to any therapy message, in a clinician's session unless `session` holds another."""
        __tracebackhide__ = True
        return reading_of(accepted(self._run.do(lambda rig: self._within(rig, lambda: self._heard(rig, message)))))

    # ---- sessions and refusals

    @contextmanager
    def session(self, role: str) -> Iterator[None]:
        """Keeps one session open: `clinician` or `patient`."""
        self._held = Role.value_of(role)
        accepted(self._run.do(lambda rig: rig.open_session(self._held or Role.NONE)))
        try:
            yield
        finally:
            self._held = None
            if self._run.first_problem is None:
                self._run.do(lambda rig: rig.close_session())

    def refuses(self, code: str) -> Refusing:
        """`with pump.refuses("lockout"): pump.patient_bolus()`: fails where the pump accepts, or refuses for another reason."""
        return Refusing(code)

    def _act(self, act: str, given: Any, *, role: str | None = None, then: Any = None, silence_allowed: bool = False) -> Reading:
        __tracebackhide__ = True
        number = self._held if role is None else Role.value_of(role)
        try:
            reply = accepted(ask(self._run, act, given, number, silence_allowed))
            if then is not None and reply is not None:
                self._run.do(then)
        finally:
            self._leave()
        return Reading() if reply is None else reading_of(reply)

    def _await(self, rig: Rig) -> None:
        await_update(lambda message: self._heard(rig, message), lambda ticks: rig.run_to(rig.tick + ticks))

    def _within(self, rig: Rig, call: Any) -> Any:
        answer = call()
        if self._held is None:
            rig.close_session()
        return answer

    def _heard(self, rig: Rig, message: Any) -> Any:
        """The reply, `Refused` included."""
        reply = rig.therapy(message, role=self._held or Role.CLINICIAN)
        if reply is None:
            raise NoReply(f"{type(message).__name__}: no reply, because the telemetry link is cut; restore it first")
        return reply

    def _leave(self) -> None:
        __tracebackhide__ = True
        if self._held is None and self._run.first_problem is None:
            self._run.do(lambda rig: rig.close_session())
