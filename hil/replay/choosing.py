"""Makes a capture of some records of another: a span of time or ticks, or frames of one kind; it plays nothing.

A span ends and begins where nothing was under way: no request waited for its reply, no frame was cut, no input stood before
the request that carries it. So two spans that meet at a tick are the whole, and a beginning can be run again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.recover import UNVOUCHED, lost_mark, origin
from pumpbench.hil.capture.resealed import Resealed, is_tally
from pumpbench.hil.capture.verify import parse_meta, verify
from pumpbench.hil.links import OUTBOUND, Direction
from pumpbench.hil.replay.recorded import FILTERED_FROM, IMPORTED_FROM, KEPT_BEGINNING
from pumpbench.hil.rig.recording import HEADER, INJECT, SNAPSHOT, WIRE_FAULT
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Report

KEPT_SPAN: Final = "span"
KEPT_FRAMES: Final = "frames"
_REPORT: Final = layout_of(Report).number
_FORERUNNERS: Final = (INJECT, WIRE_FAULT)
"""Kinds that stand before the request they belong to."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is kept. After `after_*`, up to and with `until_*`; the other bounds are of single frames, empty: any."""

    after_tick: int | None = None
    until_tick: int | None = None
    after_ns: int | None = None
    until_ns: int | None = None
    directions: frozenset[Direction] = frozenset()
    types: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    sessions: frozenset[int] = frozenset()

    @property
    def of_frames(self) -> bool:
        return bool(self.types or self.channels or self.sessions)

    @property
    def kept(self) -> str:
        if self.of_frames or self.directions:
            return KEPT_FRAMES
        return KEPT_BEGINNING if self.after_tick is None and self.after_ns is None else KEPT_SPAN

    def wants(self, frame: Frame) -> bool:
        head = frame.head
        return (
            (not self.types or head[2] in self.types)
            and (not self.channels or ("bench" if head[1] & FLAG_BENCH else "therapy") in self.channels)
            and (not self.sessions or head[5] in self.sessions)
        )


class Chosen(NamedTuple):
    """What became of it: records kept, of how many, and which part of the source they are."""

    records: int
    of_records: int
    kept: str
    whole: bool
    """Whether the source was."""


def choose(source: Path, out: Path, choice: Choice, force: bool = False) -> Chosen:
    """Raises `CaptureExists`, or `CaptureError` where a file cannot be read or written.

    Law: without bounds, and of a beginning up to where nothing was under way, the records are those of the source; where the
    source is not whole, what no tally vouches for is marked, so that a sealed copy does not pass for more.
    """
    start, end, count = _places(source, choice)
    verified = verify(source)
    marked_at = -1 if verified.whole or choice.kept != KEPT_BEGINNING else _vouched(source, verified.vouched)
    with Resealed(out, force, (source,)) as copy:
        standing = _Standing()
        for record in standing.watched(_chosen(source, choice, start, end)):
            copy.put(record)
            if copy.records == max(1, marked_at) and marked_at >= 0:
                copy.meta(lost_mark(record.offset, 0, UNVOUCHED))
        complete = verified.whole and choice.kept == KEPT_BEGINNING and end == count
        told: dict[str, Any] = {key: verified.told[key] for key in (IMPORTED_FROM,) if key in verified.told}
        told |= {FILTERED_FROM: {**origin(source), "kept": _kept(choice, verified.told.get(FILTERED_FROM))}}
        known = (verified.last_tick, verified.last_seq) if complete else standing.result()
        copy.seal(verified.ended if complete else "filtered", known, **told)
    return Chosen(copy.records, count, told[FILTERED_FROM]["kept"], verified.whole)


def _kept(choice: Choice, before: object) -> str:
    """The beginning of what is no beginning is none."""
    was = before.get("kept") if isinstance(before, dict) else KEPT_BEGINNING
    return str(was) if choice.kept == KEPT_BEGINNING else choice.kept if was != KEPT_FRAMES else KEPT_FRAMES


def _vouched(source: Path, count: int) -> int:
    """How many of so many records from the start are no tallies."""
    items = (item for item in read(source) if isinstance(item, Record))
    return sum(not is_tally(item) for item in islice(items, count))


def _records(source: Path) -> Iterator[Record]:
    return (item for item in read(source) if isinstance(item, Record) and not is_tally(item))


def _places(source: Path, choice: Choice) -> tuple[int, int, int]:
    """First record of the span, the one after its last, and how many there are."""
    after, until = _borders(choice.after_tick, choice.after_ns), _borders(choice.until_tick, choice.until_ns)
    quiet = _Quiet()
    count = last_quiet = 0
    for record in _records(source):
        tick = quiet.see(record)
        for border in (*after, *until):
            border.see(record, tick, last_quiet)
        count += 1
        if quiet.reached:
            last_quiet = count
    start = max((border.place(count) for border in after), default=0)
    return start, max(start, min((border.place(count) for border in until), default=count)), count


def _chosen(source: Path, choice: Choice, start: int, end: int) -> Iterator[Record]:
    records = _records(source)
    if start:
        yield from (record for record in islice(records, start) if _kind(record) == HEADER)
    span = islice(records, end - start)
    if choice.of_frames:
        yield from _frames(span, choice)
    elif choice.directions:
        yield from (record for record in span if _kind(record) == HEADER or record.direction in choice.directions)
    else:
        yield from span


def _frames(span: Iterable[Record], choice: Choice) -> Iterator[Record]:
    """Each frame a record of its own, at the time of the one that completed it."""
    for item in FrameReader().frames(span):
        if isinstance(item, FrameAt):
            wanted = isinstance(item.event, Frame) and choice.wants(item.event)
            if wanted and (not choice.directions or item.record.direction in choice.directions):
                yield item.record._replace(payload=item.event.wire)
        elif isinstance(item, Record) and _kind(item) == HEADER:
            yield item


def _kind(record: Record) -> object:
    found = parse_meta(record) if record.is_meta else None
    return found.get("record") if isinstance(found, dict) else None


def _borders(tick: int | None, t_ns: int | None) -> list["_Border"]:
    made = [_Border(lambda _, told: told, tick)] if tick is not None else []
    return made + ([_Border(lambda record, _: record.t_ns, t_ns)] if t_ns is not None else [])


class _Border:
    """Where the first record lies whose `measure` is beyond `limit`, moved back to where nothing was under way."""

    def __init__(self, measure: Callable[[Record, int], int], limit: int) -> None:
        self._measure = measure
        self._limit = limit
        self._place: int | None = None

    def see(self, record: Record, tick: int, last_quiet: int) -> None:
        if self._place is None and self._measure(record, tick) > self._limit:
            self._place = last_quiet

    def place(self, count: int) -> int:
        return count if self._place is None else self._place


@dataclass(slots=True)
class _Quiet:
    """Follows what is under way, and the tick by the device's own word."""

    reader: FrameReader = field(default_factory=FrameReader)
    waiting: dict[bool, int] = field(default_factory=dict)
    """Request id by channel: a reply to a later one ends the wait for earlier ones too."""
    forerun: bool = False
    timed: bool = True
    """False before the start on record: what a device says there tells the tick of an earlier life."""
    tick: int = 0
    on_frame: Callable[[Frame, int], None] | None = None
    """Is told of each frame of the device."""

    @property
    def reached(self) -> bool:
        return not self.waiting and not self.forerun and not self.reader.pending_bytes

    def see(self, record: Record) -> int:
        if record.is_meta:
            kind = _kind(record)
            self.forerun = kind in _FORERUNNERS or (self.forerun and kind not in (HEADER, SNAPSHOT))
            self.timed = kind != HEADER and (self.timed or kind == SNAPSHOT)
        for item in self.reader.frames((record,)):
            if isinstance(item, FrameAt) and isinstance(item.event, Frame):
                self._hear(item.record.direction, item.event)
        return self.tick

    def _hear(self, direction: Direction, frame: Frame) -> None:
        bench, request_id = bool(frame.head[1] & FLAG_BENCH), frame.head[4]
        if direction == OUTBOUND:
            self.waiting[bench] = request_id
            self.forerun = False
            return
        self.timed = self.timed or frame.head[2] == _REPORT
        if self.timed:
            self.tick = frame.head[7]
        if self.on_frame is not None:
            self.on_frame(frame, self.tick)
        if request_id >= self.waiting.get(bench, request_id + 1):
            del self.waiting[bench]


class _Standing:
    """How far the records of a copy go, by the frames in them."""

    def __init__(self) -> None:
        self._continuity = Continuity()
        self._quiet = _Quiet(on_frame=self._follow)
        self._tick: int | None = None

    def watched(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self._quiet.see(record)
            yield record

    def result(self) -> tuple[int | None, int | None]:
        return self._tick, self._continuity.last[1] if self._continuity.last else None

    def _follow(self, frame: Frame, tick: int) -> None:
        self._tick = max(self._tick or 0, tick)
        self._continuity.follow(frame.head[6], frame.head[3])
