"""Joins captures of which each continues the one before it into one, and refuses any others; it plays nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.recover import RECOVERED_FROM, origin
from pumpbench.hil.capture.resealed import Resealed, is_tally
from pumpbench.hil.capture.verify import Verification, parse_meta, verify
from pumpbench.hil.links import INBOUND
from pumpbench.hil.replay.choosing import KEPT_FRAMES
from pumpbench.hil.replay.recorded import FILTERED_FROM, IMPORTED_FROM, KEPT_BEGINNING, is_selection
from pumpbench.hil.rig.recording import HEADER, SNAPSHOT
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH

JOINED_FROM: Final = "joined_from"
SAME_KEYS: Final = (
    "capture_format",
    "protocol_version",
    "messages",
    "state",
    "tick_ms",
    "time_mode",
    "stop_mask",
    "config",
    "start",
)
SAME_OF_BUILD: Final = ("serial", "build_id")


class NotContinued(CaptureError):
    """Nothing shows that a capture continues the one before it, or something shows that it does not."""


def join(sources: Sequence[Path], out: Path, force: bool = False) -> int:
    """How many records `out` has: those of all `sources`, with the header and the snapshot of the first.

    Raises `NotContinued`, `CaptureExists`, or `CaptureError` where a file cannot be read or written. Law: spans that meet,
    joined, are what they were chosen from.
    """
    seals = [_sealed(source) for source in sources]
    with Resealed(out, force, tuple(sources)) as copy:
        seam = _Seam()
        for source in sources:
            for record in seam.continued(source):
                copy.put(record)
        last = seals[-1]
        copy.seal(last.ended, (last.last_tick, last.last_seq), **_told(sources, seals))
    return copy.records


def _sealed(source: Path) -> Verification:
    found = verify(source)
    if not found.whole:
        raise NotContinued(source, "is not whole, so that what follows on it is not known", "recover it first, or leave it out")
    return found


def _told(sources: Sequence[Path], seals: Sequence[Verification]) -> dict[str, Any]:
    """The trailer's word on where all this comes from; a part that lacks frames leaves the whole without them."""
    marks = (FILTERED_FROM, RECOVERED_FROM, JOINED_FROM, "scrubbed_from", IMPORTED_FROM)
    parts = [
        {**origin(source), **{key: seal.told[key] for key in marks if key in seal.told}}
        for source, seal in zip(sources, seals, strict=True)
    ]
    told: dict[str, Any] = {JOINED_FROM: parts}
    lacking = [seal for at, seal in enumerate(seals) if (is_selection(seal.told) if at == 0 else _kept(seal) == KEPT_FRAMES)]
    if lacking:
        told |= {key: lacking[0].told[key] for key in (FILTERED_FROM, IMPORTED_FROM) if key in lacking[0].told}
    return told


def _kept(seal: Verification) -> object:
    told = seal.told.get(FILTERED_FROM)
    return told.get("kept") if isinstance(told, dict) else KEPT_BEGINNING


class _Seam:
    """Where the captures so far ended, line by line, and what the next must go on from."""

    def __init__(self) -> None:
        self._reader = FrameReader()
        self._lines: dict[str, tuple[Continuity, int]] = {}
        self._tick = self._tick_before = 0
        self._stored: dict[str, bytes] = {}
        self._header: dict[str, Any] | None = None
        self._t_ns = 0
        self._count = 0

    def continued(self, source: Path) -> Iterator[Record]:
        self._count += 1
        self._tick_before = self._tick
        if self._count > 1 and not self._lines:
            raise NotContinued(source, "follows on a capture without a frame of a device", NOTHING_SHOWS)
        met: set[str] = set()
        for item in read(source):
            if not isinstance(item, Record) or is_tally(item):
                continue
            if self._count > 1 and self._is_opening(source, item):
                continue
            if item.t_ns < self._t_ns:
                raise NotContinued(source, f"has a record from before the end of the one before it, at byte {item.offset}", ORDER)
            self._t_ns = item.t_ns
            self._follow(source, item, met)
            yield item
        if self._count > 1 and not met:
            raise NotContinued(source, "has no frame of a device", NOTHING_SHOWS)

    def _is_opening(self, source: Path, record: Record) -> bool:
        """A header and a snapshot of its own, which the whole has already."""
        found = parse_meta(record) if record.is_meta else None
        kind = found.get("record") if isinstance(found, dict) else None
        if kind == HEADER and isinstance(found, dict):
            self._agree(source, found)
        return kind in (HEADER, SNAPSHOT)

    def _agree(self, source: Path, header: dict[str, Any]) -> None:
        before = self._header
        if before is None:
            raise NotContinued(source, "has a header, and the first has none", "give the one with the header first")
        other = [key for key in SAME_KEYS if header.get(key) != before.get(key)]
        other += [f"builds.{key}" for key in SAME_OF_BUILD if _build(header).get(key) != _build(before).get(key)]
        if other:
            raise NotContinued(
                source, f"is of another session: its header differs in {', '.join(other)}", "join what belongs together"
            )

    def _follow(self, source: Path, record: Record, met: set[str]) -> None:
        if record.is_meta and self._count == 1 and self._header is None:
            found = parse_meta(record)
            if isinstance(found, dict) and found.get("record") == HEADER:
                self._header = found
        for item in self._reader.frames((record,)):
            if isinstance(item, FrameAt) and isinstance(item.event, Frame) and record.direction == INBOUND:
                self._step(source, record, item.event)
                met.add(record.interface)

    def _step(self, source: Path, record: Record, frame: Frame) -> None:
        name, head = record.interface, frame.head
        if name not in self._lines:
            if self._count > 1:
                raise NotContinued(source, f"has a line {name} that the one before it has not", NOTHING_SHOWS)
            self._lines[name] = Continuity(), -1
        if frame.raw == self._stored.get(name):
            return  # the answer to a retry: its number and its tick stand back
        if not head[1] & FLAG_BENCH and head[4]:
            self._stored[name] = frame.raw
        if self._count > 1 and head[7] < self._tick_before:
            told = f"tells tick {head[7]}, the one before it ends at tick {self._tick_before}: the pump was started anew"
            raise NotContinued(source, told, "keep them apart")
        self._tick = head[7]
        continuity, part = self._lines[name]
        before = continuity.last
        step = continuity.follow(head[6], head[3])
        if part not in (-1, self._count) and before is not None:
            if step.rebooted:
                raise NotContinued(source, f"begins in boot {head[6]}, the one before it ends in boot {before[0]}", NOTHING_SHOWS)
            if step.missing_count or step.repeated:
                told = f"begins with frame {head[3]} of the device, the one before it ends with frame {before[1]}"
                raise NotContinued(source, told, "give every part, each once, in their order")
        self._lines[name] = continuity, self._count


def _build(header: dict[str, Any]) -> dict[str, Any]:
    builds = header.get("builds")
    told = builds.get("target") if isinstance(builds, dict) else None
    return told if isinstance(told, dict) else {}


NOTHING_SHOWS: Final = "so nothing shows that it continues it; keep them apart"
ORDER: Final = "give them in the order in which they were made"
