"""The device under check, as a check sees it: starts, sessions, requests, credits, each answer held to what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.hil.conformance.result import Undecided, Unmet
from pumpbench.hil.conformance.speaking import Speaker
from pumpbench.hil.conformance.tally import Tally
from pumpbench.hil.errors import refusal_line
from pumpbench.hil.links import Link
from pumpbench.protocol.codes import Drug, Feature, Level, Refusal, Role
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import (
    Arm,
    Close,
    Configure,
    Disarm,
    Done,
    Identified,
    LinkCounters,
    Open,
    Opened,
    ReadLink,
    ReadStatus,
    Refused,
    Report,
    ResetToStart,
    RunTo,
    Status,
)

START: Final = ResetToStart(
    model=1, serial=1, implant_day=9_000, calendar_origin_day=9_000, drug=Drug.BACLOFEN, catheter_length_mm=500,
    tubing_nl=200_000, reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000, concentration_ug_per_ml=500,
    line_ug_per_ml=500, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip
"""What a check starts from where it says nothing else; serial and model are the device's own."""


class Subject(Speaker):
    """One device. Its methods raise `Unmet`, `Undecided`, `RigBroken` or a `LinkError`.

    `level`: at which it is checked; at L0 nothing is armed, and time passes by itself.
    """

    def __init__(self, link: Link, identified: Identified, level: int, ticks_per_second: int, seed: int, tally: Tally) -> None:
        super().__init__(link, tally)
        self.identified = identified
        self.level = level
        self.ticks_per_second = ticks_per_second
        self.seed = seed
        self.serial = identified.serial
        self.build_id = identified.build_id
        self.compared = self._nonce = 0
        self.armed = bool(identified.armed)
        self.ran_free = not self.armed
        """Whether, since the check began or the device was last brought to a start, time was its own."""

    def begin(self) -> None:
        """For the next check: nothing compared, nothing kept, and what was still on its way dropped."""
        self.compared = 0
        self.ran_free = not self.armed
        self.exchange()
        self.unasked.clear()
        self.strays.clear()

    # ---- judging

    def expect(self, field: str, got: Any, expected: Any, tick: int | None = None) -> None:
        """Raises `Unmet` where they differ."""
        self.compared += 1
        if got != expected:
            raise Unmet(field, got, expected, self.tick if tick is None else tick)

    def expect_fields(self, message: Any, **expected: Any) -> None:
        """Every field that is named has that value."""
        for name, value in expected.items():
            self.expect(f"{type(message).__name__}.{name}", getattr(message, name, f"absent: {message}"), value)

    def expect_reply(self, reply: Any, kind: type) -> None:
        self.expect("the reply", kind.__name__ if type(reply) is kind else spoken(reply), kind.__name__)

    # ---- requests

    def ask(self, message: Any, request_id: int | None = None, session: int | None = None, bench: bool | None = None) -> Any:
        """The message of the reply, `Refused` included."""
        return self.send(self.frame(message, request_id, session, bench)).message

    def done(self, message: Any, **how: Any) -> None:
        """The request must be carried out, and answered `Done`."""
        reply = self.ask(message, **how)
        got = "Done" if reply == Done(done_type=layout_of(type(message)).number) else spoken(reply)
        self.expect(f"the reply to {type(message).__name__}", got, "Done")

    def refused(self, message: Any, refusal: int, limit: int | None = None, value: int | None = None, **how: Any) -> None:
        """The request must be refused, by this name, and with this limit and value where they are given."""
        self.is_refused(type(message).__name__, self.ask(message, **how), refusal, limit, value)

    def is_refused(self, name: str, reply: Any, refusal: int, limit: int | None = None, value: int | None = None) -> None:
        """A reply is that refusal."""
        got = Refusal.name_of(reply.refusal) if isinstance(reply, Refused) else f"carried out: {spoken(reply)}"
        self.expect(f"{name}: refusal", got, Refusal.name_of(refusal))
        if limit is not None:
            self.expect(f"{name}: limit of the refusal {got}", reply.limit, limit)
        if value is not None:
            self.expect(f"{name}: value of the refusal {got}", reply.value, value)

    def status(self) -> Status:
        reply = self.ask(ReadStatus())
        self.expect_reply(reply, Status)
        status: Status = reply
        return status

    def link_counters(self) -> LinkCounters:
        """Raises `Undecided` where the device has no bench channel."""
        if not self.identified.features & Feature.bit_of(Feature.BENCH):
            raise Undecided("the device was built without the bench channel, so it does not tell its link counters")
        reply = self.ask(ReadLink())
        self.expect_reply(reply, LinkCounters)
        counters: LinkCounters = reply
        return counters

    def open(self, role: int = Role.CLINICIAN) -> Opened:
        """A session of its own; later requests carry it."""
        self._nonce += 1
        reply = self.ask(Open(serial=self.serial, role=role, nonce=self._nonce))
        if isinstance(reply, Refused) and reply.refusal == Refusal.BUSY and self.level == Level.L0:
            raise Undecided("somebody else's session is open; wait until it has timed out")
        self.expect_reply(reply, Opened)
        opened: Opened = reply
        self.session = opened.session
        self.rise_above(opened.fluid_highest_id)
        return opened

    def close(self) -> None:
        self.done(Close())
        self.session = 0

    # ---- time

    def start(self, config: Mapping[str, int] | None = None, **fields: Any) -> None:
        """Brings the device to its start: armed, configured, at tick 0, without a session. At L0 only a session is closed."""
        if self.level == Level.L0:
            self.let_go()
            if self.armed:
                self.arm()  # whatever id it counts at
                self.disarm()
            return
        self.arm()
        # Between two armings time is the device's own, and a tick of it may have told of a subscription of the check before.
        self.unasked.clear()
        for name, value in (config or {}).items():
            self.done(Configure(config_index=CONFIG_INDEX[name], value=value))
        given = {"serial": self.serial, "model": self.identified.model, **fields}
        self.report(replace(START, **given))
        self.session = self._therapy_id = 0
        self.ran_free = False

    def arm(self) -> None:
        """Armed with the declared configuration, whatever was before."""
        self._bench_id = 0
        self.done(Arm(build_id=self.build_id))
        self.done(Disarm())
        self.done(Arm(build_id=self.build_id))
        self.armed = self.ran_free = True

    def disarm(self) -> None:
        """Gives time back to the device; nothing where it is not armed."""
        if self.armed:
            self.done(Disarm())
            self.armed = False
            self.ran_free = True

    def let_go(self) -> None:
        """Closes the session that is open, if one is."""
        if self.session:
            self.ask(Close())
            self.session = 0

    def report(self, message: Any) -> Report:
        """The report that a bench request brings."""
        reply = self.ask(message)
        self.expect_reply(reply, Report)
        report: Report = reply
        return report

    def credit(self, tick: int, mask: int = 0) -> Report:
        """One credit, however long."""
        before = self.tick
        report = self.report(RunTo(target_tick=tick, stop_mask=mask))
        self.tally.ticks += max(0, report.reached_tick - before)
        self.tick = report.reached_tick
        return report

    def run_to(self, tick: int, mask: int = 0) -> Report:
        """Runs there in credits that the device can answer in time, or to the first stop of the mask."""
        slice_ticks = max(1, self.ticks_per_second // 2)
        while True:
            report = self.credit(min(tick, self.tick + slice_ticks), mask)
            if report.reached_tick >= tick or report.reason:
                return report

    def at(self, tick: int) -> Report:
        """Runs to exactly this tick, with nothing on the way to stop at."""
        report = self.run_to(tick)
        self.expect("Report.reached_tick", report.reached_tick, tick)
        return report


def spoken(reply: Any) -> str:
    """A reply in one line; a refusal by its name."""
    return refusal_line(reply) if isinstance(reply, Refused) else str(reply)
