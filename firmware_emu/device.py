"""Knows one device on one link: frames in, frames out, time by credit or free run; it must not know what moves its bytes.

Sections 7.1, 7.2 and 13 of SEMANTICS.md.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu import admission, bench, sessions
from pumpbench.firmware_emu.admission import Heard, refuse
from pumpbench.firmware_emu.capabilities import Capabilities, identified
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.counters import Counters
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.refusing import done
from pumpbench.firmware_emu.subscription import Subscription
from pumpbench.protocol.codes import Drug, Refusal, StopReason
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame, device_frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import Layout, layout_of
from pumpbench.protocol.messages import (
    REGISTRY,
    Abort,
    Arm,
    Disarm,
    Identify,
    LinkCounters,
    Open,
    ReadLink,
    Refused,
    ResetToStart,
    Restore,
    RunTo,
    Subscribe,
)

FACTORY_START: Final = ResetToStart(
    model=1, serial=1, implant_day=0, calendar_origin_day=0, drug=Drug.BACLOFEN, catheter_length_mm=500, tubing_nl=200_000,
    reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000, concentration_ug_per_ml=2_000, line_ug_per_ml=2_000,
    clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip

SEQ_MASK: Final = 0xFFFF
_ABORT: Final = layout_of(Abort).number
_IDENTIFY: Final = layout_of(Identify).number
_OPEN: Final = layout_of(Open).number
_ARM: Final = layout_of(Arm).number
_READ_LINK: Final = layout_of(ReadLink).number


class Credit(NamedTuple):
    """Granted time that has not run to its end; its report is the reply to `heard`."""

    heard: Heard
    target_tick: int
    stop_mask: int


class Device:
    """A pump behind frames; sans-I/O. Unarmed it starts from `FACTORY_START` and moves only by `advance`.

    `receive` does everything at once. Who must stay within reach of an abort calls `push`, then `work` while `busy`.

    `dense`: credits run tick by tick instead of leaping; nothing else differs. `shadow`: it keeps its plant, whatever it is told
    of one outside, and answers as if it did not.
    """

    def __init__(
        self, build_id: int = 0, capabilities: Capabilities | None = None, dense: bool = False, shadow: bool = False
    ) -> None:
        self.pump = Pump()
        self.build_id = build_id
        self.capabilities = capabilities or Capabilities()
        self.dense = dense
        self.armed = False
        self.pump.reset_to_start(FACTORY_START)
        self._bench = bench.Bench(self.pump, shadow)
        self._subscription = Subscription(self.pump)
        self._decoder = Decoder(from_device=False)
        self._seq = 0
        self._bench_last = (0, 0)
        self._bench_reply = b""
        self._therapy_reply = b""
        self._out: list[bytes] = []
        self._waiting: deque[Frame | BadFrame] = deque()
        self._credit: Credit | None = None
        self._aborted = False

    @property
    def counters(self) -> Counters:
        """What the link has counted; late ticks are for whoever keeps the time."""
        return self.pump.counters

    def receive(self, data: bytes) -> bytes:
        """Feeds bytes from the host; returns all that is to be sent, credits run to their end."""
        self.push(data)
        while self._waiting or self._credit is not None:
            self._work(None)
        return self._taken()

    def push(self, data: bytes) -> None:
        """Takes bytes from the host. While a credit runs they wait; only an abort is noticed, and is answered in its turn."""
        events = self._decoder.feed(data)
        self._aborted = self._aborted or (self._credit is not None and any(map(_is_abort, events)))
        self._waiting.extend(events)

    def work(self, ticks: int) -> bytes:
        """Answers what waits and runs at most `ticks` of a credit; returns what is to be sent. Call again while `busy`."""
        self._work(ticks)
        return self._taken()

    @property
    def busy(self) -> bool:
        """Work is left that needs no new bytes."""
        return self._credit is not None or bool(self._waiting)

    @property
    def waiting_count(self) -> int:
        """Frames that wait for a credit to end."""
        return len(self._waiting)

    def advance(self, n: int) -> bytes:
        """Runs `n` ticks of free run; returns notices and telemetry. Armed, time is the bench's alone."""
        assert not self.armed, "an armed device runs by credits only"
        self._run(self.pump.plant.tick + n, 0)
        return self._taken()

    def _work(self, ticks: int | None) -> None:
        """`ticks` None: a credit runs to its end."""
        while self._waiting and self._credit is None:
            event = self._waiting.popleft()
            heard = self._heard(event)
            if heard is not None:
                self._hear(heard, bool(_head(event)[1] & FLAG_BENCH))
        if self._credit is not None:
            self._run_credit(self._credit, ticks)

    def _taken(self) -> bytes:
        out, self._out = b"".join(self._out), []
        return out

    def _send(self, message: Any, heard: Heard | None, on_bench: bool) -> bytes:
        pump = self.pump
        request_id, session = (heard.request_id, heard.session) if heard else (0, pump.controller.session_id)
        frame = device_frame(
            message, self._seq, request_id, session, pump.durable.boot_count, pump.plant.tick, bench=on_bench
        )  # fmt: skip
        self._seq = self._seq + 1 & SEQ_MASK
        self._out.append(frame)
        return frame

    def _heard(self, event: Frame | BadFrame) -> Heard | None:
        """None for noise, which is counted and not answered."""
        malformed = isinstance(event, BadFrame)
        if isinstance(event, BadFrame) and event.fault not in (WireFault.LENGTH, WireFault.RANGE):
            self.counters.bad_frame_count += 1
            return None
        self.counters.good_frame_count += 1
        head = _head(event)
        return Heard(head[2], head[4], head[5], event.crc, event.body, None if malformed else event.message)  # type: ignore[union-attr]

    def _hear(self, heard: Heard, on_bench: bool) -> None:
        layout = _request_layout(heard.number)
        if layout is not None and layout.channel not in ("both", "bench" if on_bench else "therapy"):
            self._refuse(heard, on_bench, Refusal.UNKNOWN_TYPE, heard.number)
        elif heard.number == _IDENTIFY:
            self._send(identified(self.pump, self.build_id, self.capabilities, self.armed), heard, on_bench)
        elif on_bench:
            self._hear_bench(heard, layout)
        else:
            self._hear_therapy(heard)

    def _refuse(self, heard: Heard, on_bench: bool, refusal: int, value: int = 0, limit: int = 0) -> None:
        self._reply_refused(refuse(heard, refusal, limit, value), heard, on_bench)

    def _reply_refused(self, answer: Any, heard: Heard, on_bench: bool) -> None:
        self.counters.refused_frame_count += 1
        self._send(answer, heard, on_bench)

    # ---- therapy

    def _hear_therapy(self, heard: Heard) -> None:
        pump = self.pump
        if asleep := admission.asleep(pump, heard):
            self._reply_refused(asleep, heard, False)
        elif heard.number == _OPEN:
            self._open(heard)
        elif admission.is_stranger(pump, heard):
            self._refuse(heard, False, Refusal.SESSION_UNKNOWN)
        elif admission.is_repeated(pump, heard) and self._therapy_reply:
            self.counters.retried_frame_count += 1
            self._out.append(self._therapy_reply)
        elif (answer := admission.not_admitted(pump, heard)) is None:
            self._accept(heard)
        elif isinstance(answer, Refused):
            self.counters.unknown_type_count += answer.refusal == Refusal.UNKNOWN_TYPE
            self._reply_refused(answer, heard, False)
        else:
            self._send(answer, heard, False)

    def _open(self, heard: Heard) -> None:
        controller = self.pump.controller
        if heard.message is None:
            self._refuse(heard, False, Refusal.MALFORMED)
            return
        answer = sessions.open_refused(self.pump, heard.message)
        again = (heard.request_id, heard.frame_crc) == (controller.open_request_id, controller.open_crc)
        if answer is not None and answer.refusal == Refusal.BUSY and again:
            self.counters.retried_frame_count += 1
            self._send(sessions.opened(self.pump), heard, False)
        elif answer is not None:
            self._reply_refused(answer, heard, False)
        else:
            self._therapy_reply = b""
            self._answer(heard, self.pump.handle(heard.message, heard.request_id, heard.frame_crc))

    def _accept(self, heard: Heard) -> None:
        """Step 10, then the request itself."""
        pump, controller = self.pump, self.pump.controller
        controller.session_last_id, controller.session_last_crc = heard.request_id, heard.frame_crc
        controller.session_idle_ticks = 0
        reply = pump.handle(heard.message, heard.request_id, heard.body_crc)
        if isinstance(heard.message, Subscribe) and not _is_cut(reply):
            self._subscription.begin(heard.message.period_ticks)
        self._therapy_reply = self._answer(heard, reply)

    def _answer(self, heard: Heard, reply: Any) -> bytes:
        """Sends what the request's effects have to say, then its reply; after a power cut nothing, or in lockstep its name."""
        notices = self._subscription.taken()
        if _is_cut(reply):
            return self._send(reply, heard, False) if self.armed else b""
        for notice in notices:
            self._send(notice, None, False)
        return self._send(reply, heard, False)

    # ---- bench

    def _hear_bench(self, heard: Heard, layout: Layout | None) -> None:
        if (heard.request_id, heard.frame_crc) == self._bench_last and self._bench_reply:
            self.counters.retried_frame_count += 1
            self._out.append(self._bench_reply)
        elif self.armed and heard.number != _ARM and heard.request_id <= self._bench_last[0]:
            self._refuse(heard, True, Refusal.STALE_ID, heard.request_id, self._bench_last[0])
        elif not self.armed and heard.number not in (_ARM, _READ_LINK):
            self._refuse(heard, True, Refusal.NOT_ARMED, heard.number)
        elif layout is None:
            self.counters.unknown_type_count += 1
            self._refuse(heard, True, Refusal.UNKNOWN_TYPE, heard.number)
        elif heard.message is None or bench.is_malformed(heard.message):
            self._refuse(heard, True, Refusal.MALFORMED)
        else:
            self._accept_bench(heard)

    def _accept_bench(self, heard: Heard) -> None:
        counts = self.armed or heard.number == _ARM
        reply = self._carried_out(heard)
        if reply is not None:
            self._reply_bench(reply, heard, counts)

    def _reply_bench(self, reply: Any, heard: Heard, counts: bool = True) -> None:
        frame = self._send(reply, heard, True)
        if counts:
            self._bench_last, self._bench_reply = (heard.request_id, heard.frame_crc), frame

    def _carried_out(self, heard: Heard) -> Any:
        """The reply; None where it comes at the end of the credit that begins."""
        match heard.message:
            case Arm():
                return self._arm(heard)
            case Disarm():
                self.armed = False
                self._bench.move_plant(outside=False)
                return done(Disarm)
            case RunTo():
                return self._run_to(heard)
            case Abort():
                return done(Abort)
            case ReadLink():
                return LinkCounters(**asdict(self.counters))
        reply = self._bench.answer(heard.message)
        if isinstance(heard.message, ResetToStart | Restore) and not isinstance(reply, Refused):
            self._therapy_reply = b""
            self._subscription.begin(0)
        return reply

    def _arm(self, heard: Heard) -> Any:
        if heard.message.build_id != self.build_id:
            return refuse(heard, Refusal.BUILD_MISMATCH)
        if not self.armed:
            self.armed = True
            self.pump.config = Config()
            self.pump.restart_effects()
        return done(Arm)

    def _run_to(self, heard: Heard) -> Any:
        target, tick = heard.message.target_tick, self.pump.plant.tick
        if target < tick:
            return bench.tick_passed(tick, target)
        self._credit = Credit(heard, target, heard.message.stop_mask)
        # Its abort may already wait behind it.
        self._aborted = any(map(_is_abort, self._waiting))
        return None

    def _run_credit(self, credit: Credit, ticks: int | None) -> None:
        """At most `ticks` of it; its report is sent when it ends."""
        tick, target = self.pump.plant.tick, credit.target_tick
        end = tick if self._aborted else target if ticks is None else min(target, tick + ticks)
        self._bench.grants(credit.stop_mask)
        reason = self._run(end, credit.stop_mask)
        if reason == StopReason.TARGET and end < target:
            if not self._aborted:
                return
            reason = StopReason.ABORT
        self._credit, self._aborted = None, False
        self._reply_bench(self._bench.report(reason), credit.heard)

    # ---- time

    def _run(self, target: int, stop_mask: int) -> int:
        """Runs to the target or to the tick that stops a credit, and says which; frames leave at their ticks."""
        pump, subscription = self.pump, self._subscription
        while pump.plant.tick < target:
            pump.run(subscription.next_stop(target) - pump.plant.tick, stop_mask | subscription.stop_mask, self.dense)
            for message in subscription.after_tick():
                self._send(message, None, False)
            if reason := self._bench.reason(stop_mask):
                return reason
        return StopReason.TARGET


def _head(event: Frame | BadFrame) -> Any:
    return event.header if isinstance(event, BadFrame) else event.head


def _is_abort(event: Frame | BadFrame) -> bool:
    return isinstance(event, Frame) and event.head[2] == _ABORT and bool(event.head[1] & FLAG_BENCH)


def _request_layout(number: int) -> Layout | None:
    """None for a type that no host sends."""
    cls = REGISTRY.get(number)
    layout = None if cls is None else layout_of(cls)
    return layout if layout is not None and layout.kind == "request" else None


def _is_cut(reply: Any) -> bool:
    return isinstance(reply, Refused) and reply.refusal == Refusal.POWER_CUT
