"""Takes a capture apart, in the order of the file, with every gap it can see; it plays nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.capture.canonical import canonical, wide
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import Damage, Record, read
from pumpbench.hil.capture.recover import LOST
from pumpbench.hil.capture.tally import CHECKPOINT, TRAILER
from pumpbench.hil.capture.verify import Verifier, parse_meta
from pumpbench.hil.links import DIRECTION_NAMES, INBOUND, OUTBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.host_numbers import HostNumbers
from pumpbench.hil.replay.recorded import SILENCE_TICKS_MAX, STARTS, Gap, Injected, Recorded, Request, Side, is_selection
from pumpbench.hil.rig.recording import (
    CAME,
    CONNECTION,
    HEADER,
    INJECT,
    PLANT_INJECT,
    SESSION_KEYS,
    SNAPSHOT,
    WIRE,
    WIRE_FAULT,
)
from pumpbench.protocol.exchange import Continuity, is_later
from pumpbench.protocol.frame import BadFrame, Frame, Unknown
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Done, Report

KEYS: Final = {
    SNAPSHOT: {"record", "tick", "data"},
    INJECT: {"record", "tick", "fault", "arg_0", "arg_1", "arg_2"},
    PLANT_INJECT: {"record", "tick", "fault", "arg_0", "arg_1", "arg_2"},
    WIRE: {"record", "wire"},
    LOST: {"record", "offset", "size_bytes", "what"},
    WIRE_FAULT: {"record", "number", "tick", "seq", "fault"},
    CONNECTION: {"record", "programmer"},
}


def load(path: str | Path, library: NativeLibrary | None = None) -> Recorded:
    """Raises `CaptureError` when the file cannot be read, never for what is in it: that becomes gaps.

    `library`: through it much telemetry is taken at once. Law: what is loaded is the same.
    """
    if library is not None:
        from pumpbench.hil.replay.row_loader import load_by_rows  # late, because it takes numpy

        return load_by_rows(path, library)
    loader = Loader()
    for item in FrameReader().frames(loader.watched(read(path))):
        loader.see(item)
    return loader.result()


class Loader:
    """Walks the records once, in the order of the file."""

    def __init__(self, made: Recorded | None = None) -> None:
        self.made = made or Recorded()
        self._verifier = Verifier()
        self._waiting: dict[tuple[bool, int], list[Request]] = {}
        self._answered: dict[tuple[bool, int], Request] = {}
        self._numbers = HostNumbers()
        self._continuity = Continuity()
        self._injected: Injected | None = None
        self._overtaken: set[tuple[bool, int]] = set()
        """Requests whose missing reply was told of already; what is asked after them is no further gap."""
        self._wire: list[Any] | None = None
        self._wire_faults = 0
        # Sequence numbers of therapy frames that a fault of the wire kept from the device, or from their turn.
        self._excused: set[int] = set()
        self._t_ns = 0

    def watched(self, items: Iterator[Record | Damage]) -> Iterator[Record | Damage]:
        """The items, each seen by the verifier and held against the time of the one before."""
        for item in items:
            self._verifier.see(item)
            if isinstance(item, Record):
                self._pass(item.t_ns, item.t_ns)
            yield item

    def _pass(self, first_t_ns: int, last_t_ns: int) -> None:
        if first_t_ns < self._t_ns:
            self._gap("meta", "a record is older than the one before it: the order of the file was changed")
        self._t_ns = last_t_ns

    def see(self, item: FrameAt | Record | Damage) -> None:
        if isinstance(item, Damage):
            return
        if isinstance(item, Record):
            self._meta(item)
        elif item.record.direction == INBOUND:
            self._heard(item.event)
        else:
            self._told(item.event)

    def result(self) -> Recorded:
        verified = self._verifier.result()
        self.made.is_selection = is_selection(verified.told)
        if verified.damage is not None:
            self._gap("meta", str(verified.damage))
        elif not verified.trailer:
            self._gap("meta", "the file has no trailer: the recording was cut off")
        elif not verified.whole:
            self._gap("meta", "the trailer's counts or checksum do not fit the records")
        elif self._is_short_of(verified.last_tick, verified.last_seq):
            self._gap("meta", _cut_off(verified.last_tick, verified.last_seq))
        for key, requests in self._waiting.items():
            self._unanswered(key, requests)
        self._jumped(self._numbers.settle())
        if self._injected is not None:
            self._gap("meta", "an input on record was never sent")
        return self.made

    def _is_short_of(self, tick: int | None, seq: int | None) -> bool:
        """Whether the run went further than the records do; what a trailer does not say counts as further."""
        last = self._continuity.last
        return tick is None or tick > self.made.last_tick or last is None or seq is None or is_later(seq, last[1])

    def _gap(self, side: Side, what: str) -> None:
        self.made.gaps.append(Gap(side, self.made.last_tick, what))

    def _heard(self, event: Frame | BadFrame) -> None:
        if isinstance(event, BadFrame):
            return self._gap("device", f"a bad frame ({event.fault_name}) from the device")
        key = bool(event.head[1] & FLAG_BENCH), event.head[4]
        if _is_astray(event):
            self._gap("device", f"{type(event.message).__name__} from the device on the other channel")
        waiting = self._waiting.get(key)
        if not (waiting and waiting[0].retry and self._is_stored_reply(key, event)):
            self._follow(event)
        if not self._is_plausible(event):
            return None
        self.made.last_tick = max(self.made.last_tick, event.head[7])
        if waiting:
            request = waiting.pop(0)
            if not waiting:
                del self._waiting[key]
            if not _answers(event, request):
                self._gap("host", f"{request.name} on record is not what {type(event.message).__name__} answers")
            request.reply = event
            if request.name == "Open" and request.frame is not None:
                self._jumped(self._numbers.opened(request.frame.head[3], event))
            self._answered[key] = request
            if request.name == STARTS and isinstance(event.message, Report):
                # The device had a time of its own before.
                self.made.last_tick = event.head[7]
        elif key[1] == 0:
            self.made.unasked.append(event)
        else:
            self._gap("host", f"{type(event.message).__name__} answers no request on record")
        return None

    def _is_plausible(self, event: Frame) -> bool:
        """One damaged tick must not send a replay centuries ahead."""
        if event.head[7] <= self.made.last_tick + SILENCE_TICKS_MAX:
            return True
        self._gap("device", f"a frame from the device tells tick {event.head[7]}, which no pump lives to see")
        return False

    def _is_stored_reply(self, key: tuple[bool, int], event: Frame) -> bool:
        """A retry is answered by the stored bytes, whose sequence number stands back."""
        before = self._answered.get(key)
        return before is not None and before.reply is not None and before.reply.raw == event.raw

    def _follow(self, event: Frame) -> None:
        step = self._continuity.follow(event.head[6], event.head[3])
        if step.missing_count:
            self._gap("device", f"{step.missing_count} frames from the device are missing")
        if step.repeated:
            self._gap("device", "a frame from the device comes twice, or out of order")

    def _told(self, event: Frame | BadFrame) -> None:
        made = self.made
        if isinstance(event, BadFrame):
            made.requests.append(Request(event.wire, made.last_tick, t_ns=self._t_ns))
            return
        request = Request(event.wire, made.last_tick, event, t_ns=self._t_ns)
        key = request.bench, event.head[4]
        waiting = self._waiting.get(key)
        before = waiting[-1] if waiting else self._answered.get(key)
        request.retry = before is not None and before.wire == request.wire
        self._jumped(self._numbers.follow(event, request.retry, self._excused))
        if request.name == "Inject":
            request.injected, self._injected = self._injected, None
        self._expect_quiet(request.name, key if request.retry else None)
        if request.bench and event.head[5]:
            self._gap("host", f"{request.name} on the bench channel carries a session")
        self._waiting.setdefault(key, []).append(request)
        made.requests.append(request)

    def _expect_quiet(self, name: str, own: tuple[bool, int] | None = None) -> None:
        """A rig in credits does one thing at a time, a retry of it (`own`) apart; in free run a host may ask as it likes."""
        if not self.made.in_credits:
            return
        overtaken = {key for key in self._waiting if key != own and not self._is_heard(key)} - self._overtaken
        if overtaken:
            self._overtaken |= overtaken
            what = "that one is missing, or the order was changed"
            self._gap("meta", f"{name} stands before the reply to what was asked before it: {what}")

    def _is_heard(self, key: tuple[bool, int]) -> bool:
        """Only retries wait, of a request that was answered: the stored reply may come while others are asked."""
        return key in self._answered and all(request.retry for request in self._waiting[key])

    def _unanswered(self, key: tuple[bool, int], requests: list[Request]) -> None:
        """Where a retry was answered the pump heard it, and only a reply went missing; else it may have heard nothing."""
        answered = self._answered.get(key)
        for request in requests:
            if answered is not None and answered.wire == request.wire:
                self._gap("device", f"{request.name} was sent twice and answered once")
            else:
                self._gap("host", f"{request.name} has no reply")

    def _jumped(self, jumps: list[str]) -> None:
        for jump in jumps:
            self._gap("host", jump)

    def _meta(self, record: Record) -> None:
        found = parse_meta(record)
        kind = found.get("record") if isinstance(found, dict) else None
        if kind in (CHECKPOINT, TRAILER):
            return
        try:
            if isinstance(found, Damage) or canonical(found) != record.payload:
                raise ValueError(kind)
            self._keep(kind, found)
        except (KeyError, TypeError, ValueError, AttributeError):
            self._gap("meta", f"a meta record ({kind}) cannot be read")

    def _keep(self, kind: object, found: dict[str, Any]) -> None:
        made = self.made
        self._expect_quiet(str(kind))
        if kind == HEADER and made.header is None and not made.requests:
            made.header = found
            self._numbers.between = found.keys() == SESSION_KEYS
        elif found.keys() != KEYS.get(str(kind)):
            raise ValueError(kind)
        elif kind == LOST:
            self._gap("meta", f"{found['what']}: lost from the file that this one was recovered from, at byte {found['offset']}")
        elif kind == SNAPSHOT and made.header is not None and made.snapshot is None:
            made.snapshot = _whole(found["tick"]), _bytes(found["data"])
        elif kind == WIRE and self._wire is None:
            self._wire = found["wire"]["fault"]
        elif kind == WIRE_FAULT and self._wire is not None:
            self._on_the_wire(found)
        elif kind == CONNECTION and self._numbers.between:
            self._connect(found["programmer"])
        elif kind == INJECT and self._injected is None:
            self._injected = self._input(found)
        elif kind == PLANT_INJECT and made.plant_outside:
            made.plant_inputs.append((len(made.requests), self._input(found)))
        else:
            self._gap("meta", f"a meta record ({kind}) that does not belong here")

    def _connect(self, programmer: object) -> None:
        self._jumped(self._numbers.connect(programmer))
        if programmer == CAME:
            # What one programmer left unanswered no other one waits for.
            for key, requests in self._waiting.items():
                self._unanswered(key, requests)
            self._waiting.clear()

    def _input(self, found: dict[str, Any]) -> Injected:
        arguments = int(found["arg_0"]), int(found["arg_1"]), int(found["arg_2"])
        injected = Injected(_whole(found["tick"]), int(found["fault"]), arguments)
        if injected.tick != self.made.last_tick:
            self._gap("meta", f"an input of tick {injected.tick} stands where tick {self.made.last_tick} is")
        return injected

    def _on_the_wire(self, found: dict[str, Any]) -> None:
        """A fault that acted; what it did to the device's own frames it did after they were recorded."""
        if found["number"] != self._wire_faults:
            self._gap("meta", f"fault {found['number']} of the wire stands where {self._wire_faults} is due")
        self._wire_faults = found["number"] + 1
        if _whole(found["tick"]) != self.made.last_tick:
            self._gap("meta", f"a fault of the wire of tick {found['tick']} stands where tick {self.made.last_tick} is")
        if DIRECTION_NAMES.index(found["fault"]["direction"]) == OUTBOUND:
            self._excused.add(int(found["seq"]))


def _cut_off(tick: int | None, seq: int | None) -> str:
    if tick is None or seq is None:
        return "the trailer does not say how far the run went: its end may be cut off"
    return f"the records end here, but the run went on to tick {tick}, frame {seq} by its trailer: its end was cut off"


def _whole(text: str) -> int:
    """Raises ValueError for any spelling but the one a writer uses."""
    if wide(int(text)) != text:
        raise ValueError(text)
    return int(text)


def _is_astray(event: Frame) -> bool:
    """Whether its channel flag is not that of its type; of an unknown type nobody can say."""
    if isinstance(event.message, Unknown):
        return False
    return layout_of(type(event.message)).channel == ("therapy" if event.head[1] & FLAG_BENCH else "bench")


def _answers(reply: Frame, request: Request) -> bool:
    """Whether the plain reply names the request that stands on record; every other reply is compared whole."""
    if request.frame is None or not isinstance(reply.message, Done):
        return True
    return reply.message.done_type == request.frame.head[2]


def _bytes(text: str) -> bytes:
    if bytes.fromhex(text).hex() != text:
        raise ValueError(text)
    return bytes.fromhex(text)
