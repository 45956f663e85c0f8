"""Knows one device on one link: frames in, frames out, time by credit or free run; it must not know what moves its bytes.

Sections 7.1, 7.2 and 13 of SEMANTICS.md.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

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
_IDENTIFY: Final = layout_of(Identify).number
_OPEN: Final = layout_of(Open).number
_ARM: Final = layout_of(Arm).number
_READ_LINK: Final = layout_of(ReadLink).number


class Device:
    """A pump behind frames; sans-I/O. Unarmed it starts from `FACTORY_START` and moves only by `advance`.

    `dense`: credits run tick by tick instead of leaping; nothing else differs.
    """

    def __init__(self, build_id: int = 0, capabilities: Capabilities | None = None, dense: bool = False) -> None:
        self.pump = Pump()
        self.build_id = build_id
        self.capabilities = capabilities or Capabilities()
        self.dense = dense
        self.armed = False
        self.pump.reset_to_start(FACTORY_START)
        self._bench = bench.Bench(self.pump)
        self._subscription = Subscription(self.pump)
        self._decoder = Decoder(from_device=False)
        self._seq = 0
        self._bench_last = (0, 0)
        self._bench_reply = b""
        self._therapy_reply = b""
        self._out: list[bytes] = []

    @property
    def counters(self) -> Counters:
        """What the link has counted; late ticks are for whoever keeps the time."""
        return self.pump.counters

    def receive(self, data: bytes) -> bytes:
        """Feeds bytes from the host; returns all that is to be sent, credits run to their end."""
        for event in self._decoder.feed(data):
            heard = self._heard(event)
            if heard is not None:
                self._hear(heard, bool(_head(event)[1] & FLAG_BENCH))
        return self._taken()

    def advance(self, n: int) -> bytes:
        """Runs `n` ticks of free run; returns notices and telemetry. Armed, time is the bench's alone."""
        assert not self.armed, "an armed device runs by credits only"
        self._run(self.pump.plant.tick + n, 0)
        return self._taken()

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
        elif heard.message is None:
            self._refuse(heard, True, Refusal.MALFORMED)
        else:
            self._accept_bench(heard)

    def _accept_bench(self, heard: Heard) -> None:
        counts = self.armed or heard.number == _ARM
        frame = self._send(self._carried_out(heard), heard, True)
        if counts:
            self._bench_last, self._bench_reply = (heard.request_id, heard.frame_crc), frame

    def _carried_out(self, heard: Heard) -> Any:
        match heard.message:
            case Arm():
                return self._arm(heard)
            case Disarm():
                self.armed = False
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
        return self._bench.report(self._run(target, heard.message.stop_mask))

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


def _request_layout(number: int) -> Layout | None:
    """None for a type that no host sends."""
    cls = REGISTRY.get(number)
    layout = None if cls is None else layout_of(cls)
    return layout if layout is not None and layout.kind == "request" else None


def _is_cut(reply: Any) -> bool:
    return isinstance(reply, Refused) and reply.refusal == Refusal.POWER_CUT
