"""The host's desk in a comparison: sends the same bytes to both sides and compares what comes back; chooses nothing."""

from dataclasses import dataclass, field
from typing import Any

from pumpbench.hil.statediff import differences
from pumpbench.protocol.codes import Event, Refusal
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified, Refused
from tests.parity.sides import Effect, Firmware, Reference, Side

# What may differ between two builds that agree; everything else is compared byte for byte.
FREE_FIELDS = {
    Identified: {f.name for f in layout_of(Identified).fields if f.klass == "identity"} - {"model", "serial", "identity_crc"}
    | {"ticks_per_second"},
}
LISTED = 12


class Parted(AssertionError):
    """The two sides differ: in what, where, and both values."""


@dataclass
class Sent:
    """A therapy frame as it left, kept for retries."""

    message: Any
    request_id: int
    wire: bytes


@dataclass
class Tally:
    """What a comparison did, so that a walk that did nothing is seen."""

    acts: int = 0
    frames: int = 0
    effects: int = 0
    ticks: int = 0
    snapshots: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        for name in ("acts", "frames", "effects", "ticks", "snapshots"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.refusals, other.refusals), (self.events, other.events), (self.replies, other.replies)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count

    def __str__(self) -> str:
        return (
            f"{self.acts} acts, {self.ticks} ticks, {self.frames} reply frames, {self.effects} effects, "
            f"{self.snapshots} snapshots equal; {len(self.refusals)} refusals, {len(self.events)} events, "
            f"{len(self.replies)} kinds of reply seen"
        )


class Desk:
    """Both sides and what a host remembers. Every method raises `Parted` at the first difference.

    `other` None: the reference alone, nothing compared.
    """

    def __init__(self, reference: Reference, other: Side | None) -> None:
        self.reference = reference
        self.other = other
        self.tally = Tally()
        self.build_id = 1
        self.bench_id = 0
        self.last_bench = b""
        self.sent: list[Sent] = []
        self.sent_fluid: list[Sent] = []
        self.subscribed = (0, 0)
        self._seq = 0
        self._decoders = Decoder(from_device=True), Decoder(from_device=True)

    @property
    def pump(self) -> Any:
        """The reference's pump, to read."""
        return self.reference.pump

    def period_ticks(self) -> int:
        """Of the telemetry last asked for in the session now open; 0: none."""
        session, period = self.subscribed
        return period if session == self.pump.controller.session_id else 0

    def next_seq(self) -> int:
        self._seq = self._seq + 1 & 0xFFFF
        return self._seq

    def send(self, wire: bytes) -> list[Frame]:
        """The same bytes to both; the frames that came back."""
        ours = self.reference.receive(wire)
        theirs = self.other.receive(wire) if self.other else ours
        return self._compared(ours, theirs)

    def advance(self, ticks: int) -> list[Frame]:
        """Free run on both."""
        before = self.pump.plant.tick
        ours = self.reference.advance(ticks)
        theirs = self.other.advance(ticks) if self.other else ours
        self.tally.ticks += self.pump.plant.tick - before
        return self._compared(ours, theirs)

    def settle(self) -> None:
        """Between acts: effects, snapshots and digests are equal."""
        effects = self.reference.take_effects()
        for effect in effects:
            name = Event.name_of(effect[1])
            self.tally.events[name] = self.tally.events.get(name, 0) + 1
        self.tally.effects += len(effects)
        self.tally.acts += 1
        if self.other:
            _compare_effects(effects, self.other.take_effects())
            _compare_states(self.reference, self.other)
            self.tally.snapshots += 1

    def _compared(self, ours: bytes, theirs: bytes) -> list[Frame]:
        frames = _whole(self._decoders[0], ours)
        if ours != theirs:
            _compare_frames(frames, _whole(self._decoders[1], theirs))
        self.tally.frames += len(frames)
        for frame in frames:
            self._count(frame.message)
        return frames

    def _count(self, message: Any) -> None:
        name = type(message).__name__
        self.tally.replies[name] = self.tally.replies.get(name, 0) + 1
        if isinstance(message, Refused):
            code = Refusal.name_of(message.refusal)
            self.tally.refusals[code] = self.tally.refusals.get(code, 0) + 1


def twin(firmware: Firmware, build_id: int, dense: bool = False) -> Desk:
    """The Python pump beside the C one."""
    desk = Desk(Reference(build_id, dense), firmware)
    desk.build_id = build_id
    return desk


def _whole(decoder: Decoder, data: bytes) -> list[Frame]:
    frames: list[Frame] = []
    for event in decoder.feed(data):
        if isinstance(event, BadFrame):
            raise Parted(f"a side sent a bad frame: {event.fault_name}, bytes {event.raw.hex()}")
        frames.append(event)
    return frames


def _compare_frames(ours: list[Frame], theirs: list[Frame]) -> None:
    for at, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        if mine.head != other.head or type(mine.message) is not type(other.message):
            raise Parted(f"frame {at}: Python {mine.header} {mine.message}; other {other.header} {other.message}")
        free = FREE_FIELDS.get(type(mine.message), set())
        wrong = [
            f"{name}: Python {a}, other {b}"
            for name, a, b in zip(mine.message._fields, mine.message, other.message, strict=True)
            if a != b and name not in free
        ]
        if wrong or (mine.raw != other.raw and not free):
            raise Parted(f"frame {at}, {type(mine.message).__name__} at tick {mine.head[7]}: {'; '.join(wrong) or 'raw bytes'}")
    if len(ours) != len(theirs):
        more = (ours if len(ours) > len(theirs) else theirs)[min(len(ours), len(theirs))]
        raise Parted(f"Python sent {len(ours)} frames, other {len(theirs)}; the first extra is {more.header} {more.message}")


def _compare_effects(ours: list[Effect], theirs: list[Effect]) -> None:
    if ours == theirs:
        return
    same = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    shown = [[named(effect) for effect in trace[max(0, same - 2) : same + 3]] for trace in (ours, theirs)]
    raise Parted(f"effect {same} of {len(ours)} and {len(theirs)}: Python {shown[0]}; other {shown[1]}")


def named(effect: Effect) -> str:
    return f"{Event.name_of(effect[1])}({effect[2]}, {effect[3]}) at {effect[0]}"


def _compare_states(reference: Reference, other: Side) -> None:
    ours, theirs = reference.snapshot(), other.snapshot()
    if ours != theirs:
        found = [str(one) for one in differences([(theirs, ours)])]
        raise Parted(f"snapshots at tick {reference.pump.plant.tick} (other against Python): {'; '.join(found[:LISTED])}")
    if reference.digests() != other.digests():
        raise Parted(f"digests of equal snapshots: Python {reference.digests()}, other {other.digests()}")
