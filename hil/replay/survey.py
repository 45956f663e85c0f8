"""One look over a whole capture, in bounded memory: what it is, what it counts, what is wrong with it; it plays nothing."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.capture.salvage import Lost, salvage
from pumpbench.hil.capture.tally import CHECKPOINT, TRAILER, Tally, mark
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.links import INBOUND, Direction
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.heard import Heard
from pumpbench.hil.replay.loader import Loader
from pumpbench.hil.replay.recorded import Gap, Recorded, Request, Side
from pumpbench.hil.replay.replay import Sureness, header_gaps, sureness_of
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH

if TYPE_CHECKING:
    from pumpbench.hil.capture.alike import Alike
    from pumpbench.hil.capture.rows import Rows

KEPT_MAX: Final = 1000
"""Of findings, and of requests: the first tell what a recording is, the rest are counted."""
WAITING_MAX: Final = 64
"""Requests that have waited for their reply while so many others were asked have none."""


class Finding(NamedTuple):
    """One thing that is wrong: where its record, or what is left of it, stands in the file, and what that costs."""

    offset: int
    what: str
    cost: str


class MessageKey(NamedTuple):
    """What frames are counted by. `message`: a name, or `0x7777` for a type that is not known."""

    interface: str
    direction: Direction
    channel: str
    message: str


@dataclass(slots=True)
class Survey:
    """What a capture holds. `findings` has the first `KEPT_MAX`, `finding_count` counts them all."""

    size_bytes: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    sureness: Sureness = "observed"
    trailer: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False
    """Sealed, and every record as it was sealed."""
    first_t_ns: int | None = None
    last_t_ns: int | None = None
    ticks: tuple[int, int] | None = None
    """Lowest and highest that a frame of the device told."""
    records: Counter[tuple[str, Direction]] = field(default_factory=Counter)
    payload_bytes: Counter[tuple[str, Direction]] = field(default_factory=Counter)
    messages: Counter[MessageKey] = field(default_factory=Counter)
    bad_frames: Counter[tuple[str, Direction, str]] = field(default_factory=Counter)
    metas: Counter[str] = field(default_factory=Counter)
    pending_bytes: int = 0
    lost_bytes: int = 0
    lost_records: int = 0
    """As many as the tallies say there were and that are not there."""
    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    gap_count: int = 0

    @property
    def frame_count(self) -> int:
        return self.messages.total()

    @property
    def bad_count(self) -> int:
        return self.bad_frames.total()

    def find(self, offset: int, what: str, cost: str) -> None:
        self.finding_count += 1
        if len(self.findings) < KEPT_MAX:
            self.findings.append(Finding(offset, what, cost))


def survey(path: str | Path, library: NativeLibrary | None = None) -> Survey:
    """Raises `CaptureError` when the file cannot be opened or read, never for what is in it.

    `library`: through it much telemetry is taken at once. Law: what is found is the same.
    """
    made = Survey(size_bytes=Path(path).stat().st_size if Path(path).exists() else 0)
    if library is not None:
        from pumpbench.hil.replay.row_survey import survey_by_rows  # late, because it takes numpy

        return survey_by_rows(path, made, library)
    surveyor = Surveyor(made)
    reader = FrameReader()
    for item in reader.frames(surveyor.watched(salvage(path))):
        surveyor.see(item)
    made.pending_bytes = reader.pending_bytes
    surveyor.conclude()
    return made


class _Few(list[Any]):
    """Keeps the first: what a recording is stands in its beginning."""

    def append(self, item: Any) -> None:
        if len(self) < KEPT_MAX:
            super().append(item)


class _FewHeard(Heard):
    def append(self, frame: Frame) -> None:
        if len(self) < KEPT_MAX:
            super().append(frame)

    def extend(self, rows: "Rows") -> None:
        super().extend(rows[: max(0, KEPT_MAX - len(self))])


class Surveyor(Loader):
    """A loader that keeps little, and notes where each gap stands."""

    def __init__(self, made: Survey) -> None:
        super().__init__(Recorded(requests=_Few(), unasked=_FewHeard(), gaps=_Few()))
        self.survey = made
        self._offset = 0
        self._seal = _Seal(made)

    def watched(self, items: Iterable[Record | Damage | Lost]) -> Iterator[Record | Damage]:
        yield from super().watched(self._salvaged(items))

    def _salvaged(self, items: Iterable[Record | Damage | Lost]) -> Iterator[Record | Damage]:
        made = self.survey
        for item in items:
            if isinstance(item, Lost):
                made.lost_bytes += item.size_bytes
                cost = f"{item.size_bytes} bytes cannot be read" if item.size_bytes else "its name, and nothing that passed"
                self._seal.settle_lost(item)
                made.find(item.offset, item.what, cost)
            elif isinstance(item, Record):
                self._offset = item.offset
                self._count(item)
                yield item

    def _count(self, record: Record) -> None:
        made, key = self.survey, (record.interface, record.direction)
        made.first_t_ns = record.t_ns if made.first_t_ns is None else min(made.first_t_ns, record.t_ns)
        made.last_t_ns = record.t_ns if made.last_t_ns is None else max(made.last_t_ns, record.t_ns)
        made.records[key] += 1
        made.payload_bytes[key] += len(record.payload)
        self._seal.see(record)

    def see(self, item: FrameAt | Record | Damage) -> None:
        if isinstance(item, FrameAt):
            self._offset = item.record.offset
            self._tell(item)
        super().see(item)
        self._forget()

    def _tell(self, item: FrameAt) -> None:
        made, record, event = self.survey, item.record, item.event
        if not isinstance(event, Frame):
            made.bad_frames[record.interface, record.direction, event.fault_name] += 1
            if record.direction != INBOUND:
                made.find(record.offset, f"a bad frame ({event.fault_name}) from the host", "nothing: it is replayed as it is")
            return
        head = event.head
        name = type(event.message).__name__ if hasattr(type(event.message), "__layout__") else f"{head[2]:#06x}"
        made.messages[MessageKey(record.interface, record.direction, "bench" if head[1] & FLAG_BENCH else "therapy", name)] += 1
        if record.direction == INBOUND:
            low, high = made.ticks or (head[7], head[7])
            made.ticks = min(low, head[7]), max(high, head[7])

    def _forget(self) -> None:
        """What can still be asked for: stored replies go back one request, and few requests wait at a time."""
        while len(self._answered) > KEPT_MAX:
            del self._answered[next(iter(self._answered))]
        while len(self._waiting) > WAITING_MAX:
            key: tuple[bool, int] = next(iter(self._waiting))
            requests: list[Request] = self._waiting.pop(key)
            self._unanswered(key, requests)

    def _gap(self, side: Side, what: str) -> None:
        super()._gap(side, what)
        self.survey.gap_count += 1
        self.survey.find(self._offset, f"{what} (tick {self.made.last_tick})", COSTS[side])

    def conclude(self) -> None:
        made = self.survey
        self._seal.conclude()
        verified = self._verifier.result()
        made.recorded = self.result()
        made.trailer, made.whole = verified.told, verified.whole and not made.lost_bytes
        made.gap_count += len(header_gaps(made.recorded.header))
        for gap in header_gaps(made.recorded.header):
            made.find(0, gap.what, COSTS[gap.side])
        made.recorded.gaps[:] = [Gap(gap.side, gap.tick, gap.what) for gap in itertools.islice(made.recorded.gaps, KEPT_MAX)]
        made.sureness = sureness_of(made.recorded)
        if made.pending_bytes:
            made.find(self._offset, f"the last {made.pending_bytes} bytes belong to no frame", "the frame that they began")


COSTS: Final[Mapping[Side, str]] = {
    "device": "a verdict on what the device said there: no more than inconclusive without a difference before it",
    "host": "any verdict on what follows: what the pump was told is not known",
    "meta": "any verdict on what follows: an input, or the order of things, is not known",
}


UNVOUCHED: Final = "nothing from there on is vouched for"


class _Seal:
    """Holds each tally against what was read since the one before it."""

    def __init__(self, made: Survey) -> None:
        self.survey = made
        self._tally = Tally()
        self._since = self._missing = 0
        self._sound = True
        self._records = self._sealed_records = 0
        self._trailer_at: int | None = None

    def see_alike(self, alike: "Alike") -> None:
        count = len(alike.blocks)
        self._tally.take(alike.interface, alike.direction, count, count * alike.size, alike.marked)
        self._records += count

    def see(self, record: Record) -> None:
        found = parse_meta(record) if record.is_meta else None
        kind = found.get("record") if isinstance(found, dict) else None
        if record.is_meta:
            self.survey.metas[str(kind) if isinstance(kind, str) else "not readable"] += 1
        if isinstance(found, dict) and kind in (CHECKPOINT, TRAILER):
            self._compare(found, record)
        self._tally.pending += (mark(record.interface, record.direction, len(record.payload)), record.payload)
        self._records += 1
        if len(self._tally.pending) > 2 * KEPT_MAX:
            self._tally.settle()
        if kind == TRAILER:
            self._trailer_at, self._sealed_records = record.offset, self._records

    def settle_lost(self, lost: Lost) -> None:
        """Digests run on over everything: behind a loss they can tell nothing more, but counts can."""
        self._sound = self._sound and not lost.size_bytes

    def conclude(self) -> None:
        if self._trailer_at is not None and self._records > self._sealed_records:
            more = self._records - self._sealed_records
            self.survey.find(self._trailer_at, f"{more} records follow the trailer", "nothing vouches for them")

    def _compare(self, told: dict[str, Any], record: Record) -> None:
        seen = self._tally.told()
        missing = _count(told.get("counts")) - _count(seen["counts"])
        between = f"between byte {self._since} and {record.offset}"
        if missing != self._missing:
            change = missing - self._missing
            what = f"{abs(change)} records {'are missing' if change > 0 else 'too many'} {between}"
            self.survey.find(self._since, what, "what they told; nothing behind them is vouched for")
            self.survey.lost_records += max(0, change)
        elif self._sound and told.get("sha256") != seen["sha256"]:
            self.survey.find(self._since, f"a record was changed {between}", f"which one is not known; {UNVOUCHED}")
        elif self._sound and told.get("counts") != seen["counts"]:
            self.survey.find(record.offset, "a tally does not count what is there", UNVOUCHED)
        self._sound = self._sound and told.get("sha256") == seen["sha256"]
        self._missing, self._since = missing, record.offset


def _count(counts: object) -> int:
    """What a tally's counts add up to; what is no count adds nothing, since damage may stand there."""
    entries = counts if isinstance(counts, list) else []
    told = [entry.get("records") for entry in entries if isinstance(entry, dict)]
    return sum(int(n) for n in told if isinstance(n, str) and n.isascii() and n.isdecimal() and len(n) < 20)
