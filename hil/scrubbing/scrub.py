"""Scrubs a whole capture, frame by frame in the order of the file, and looks whether anything is left; it prints nothing."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.capture.frames import FROM_DEVICE, FrameAt, FrameReader
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.recover import origin
from pumpbench.hil.capture.resealed import Resealed, is_tally
from pumpbench.hil.capture.verify import Verification, verify
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.replay.recorded import FILTERED_FROM, IMPORTED_FROM
from pumpbench.hil.rig.recording import HEADER, LINE, SNAPSHOT
from pumpbench.hil.scrubbing.aliases import Aliases
from pumpbench.hil.scrubbing.frames import frame_with, noise_with
from pumpbench.hil.scrubbing.metas import TAKEN_OUT, meta_with, parsed
from pumpbench.hil.scrubbing.mirror import Mirror
from pumpbench.hil.scrubbing.streams import Streams
from pumpbench.protocol.decoder import reader
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.messages import Record as DeviceRecord

SCRUBBED_FROM: Final = "scrubbed_from"
DAYS: Final = ("implant_day", "calendar_origin_day")
RESIDUES_MAX: Final = 20


@dataclass(slots=True)
class Scrubbed:
    """What became of it. `remade`: frames of the device that a pump of the other identity said in a re-run; `recorded`: those
    that the re-run did not say so, kept but for what names; `residues`: places where an original number was found again.
    """

    records: int = 0
    remade: int = 0
    recorded: int = 0
    noise: int = 0
    taken_out: int = 0
    residues: tuple[int, ...] = ()
    whole: bool = False


def scrub(source: Path, out: Path, force: bool = False, draw: random.Random | None = None) -> Scrubbed:
    """Raises `CaptureExists`, or `CaptureError` where a file cannot be read or written.

    Law: a replay of `out` ends with the verdict of a replay of `source`, at the same tick and field; no record changes its size,
    its order or the spans between times. `draw` is of the operating system's chance unless told.
    """
    aliases = Aliases(draw or random.SystemRandom(), *_earliest(source))
    work = _Scrubbing(aliases)
    with Resealed(out, force, (source,)) as copy:
        for record in work.records(source):
            copy.put(record)
        seal = verify(source)
        copy.seal(_ended(seal), (seal.last_tick, seal.last_seq), **_told(source, seal))
        work.made.records, work.made.whole = copy.records, seal.whole
    work.made.residues = tuple(residues(out, aliases.originals))
    return work.made


def residues(path: Path, originals: list[bytes]) -> Iterator[int]:
    """Offsets of the records in which one of the byte strings is found, as it passed or inside a frame; at most a few."""
    found: set[int] = set()
    for item in FrameReader().frames(read(path)):
        record = item.record if isinstance(item, FrameAt) else item
        if isinstance(record, Record) and record.offset not in found and len(found) < RESIDUES_MAX:
            texts = (_plain(item), record.payload) if isinstance(item, FrameAt) else (record.payload,)
            if any(one in text for text in texts for one in originals):
                found.add(record.offset)
                yield record.offset


def _plain(item: FrameAt) -> bytes:
    event = item.event
    return event.body if isinstance(event, Frame) or event.header is not None else b""


def _ended(seal: Verification) -> str:
    """Of a source that was not sealed as it is, the copy must not say that it was."""
    return seal.ended if seal.whole else "scrubbed"


def _told(source: Path, seal: Verification) -> dict[str, Any]:
    kept = {key: seal.told[key] for key in (FILTERED_FROM, IMPORTED_FROM) if key in seal.told}
    return {**kept, SCRUBBED_FROM: origin(source)}


def _earliest(source: Path) -> tuple[int, int | None]:
    """The oldest time and the oldest date in a capture, before which nothing may be shifted to."""
    t_ns: int | None = None
    days: list[int] = []
    for item in FrameReader().frames(read(source)):
        record = item.record if isinstance(item, FrameAt) else item
        if not isinstance(record, Record):
            continue
        t_ns = record.t_ns if t_ns is None else min(t_ns, record.t_ns)
        if isinstance(item, FrameAt) and isinstance(item.event, Frame) and isinstance(item.event.message, DeviceRecord):
            days += [getattr(item.event.message, name) for name in DAYS]
        elif record.is_meta and not isinstance(item, FrameAt):
            start = (parsed(record) or {}).get("start")
            days += [start[name] for name in DAYS if isinstance(start, dict) and isinstance(start.get(name), int)]
        days = [min(days)] if days else []
    return t_ns or 0, days[0] if days else None


class _Scrubbing:
    """One pass over one file."""

    def __init__(self, aliases: Aliases) -> None:
        self.aliases = aliases
        self.made = Scrubbed()
        self._mirror: Mirror | None = None
        self._readers = {direction: reader(known) for direction, known in FROM_DEVICE.items()}
        self._streams = Streams(self._rewritten)
        self._lines: dict[str, str] = {}

    def records(self, source: Path) -> Iterator[Record]:
        seal = verify(source)
        count, last_ns = 0, 0
        for item in read(source):
            if not isinstance(item, Record):
                continue
            count, last_ns = count + 1, item.t_ns
            if not is_tally(item):
                yield from self._shown(self._streams.feed(self._meta(item) if item.is_meta else item))
            if count == seal.vouched and not seal.whole:
                # A sealed copy of what was not sealed would hide that.
                yield from self._shown(self._streams.feed(self._mark(item)))
        yield from self._shown(self._streams.end())
        if not count or (not seal.vouched and not seal.whole):
            # Of the time of the last one: any that is not shifted with the rest would tell by how much that is.
            yield from self._shown([Record("meta", 0, last_ns, canonical({"record": TAKEN_OUT}), True, 0)])

    def _mark(self, record: Record) -> Record:
        return Record("meta", 0, record.t_ns, canonical({"record": TAKEN_OUT}), True, record.offset)

    def _shown(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            yield record._replace(interface=self._line(record), t_ns=self.aliases.t_ns(record.t_ns))

    def _line(self, record: Record) -> str:
        """A line may be called by its port, or by a name."""
        if record.is_meta or record.interface == LINE:
            return record.interface
        return self._lines.setdefault(record.interface, f"line{len(self._lines) + 1}")

    def _meta(self, record: Record) -> Record:
        found = parsed(record)
        made = meta_with(found, self.aliases)
        kind = made["record"]
        self.made.taken_out += kind == TAKEN_OUT
        if kind == HEADER and found is not None and self._mirror is None:
            self._mirror = self._mirrored(found)
        if kind == SNAPSHOT and self._mirror is not None:
            made = {**made, "data": self._snapshot(made["data"])}
        return record._replace(payload=canonical(made))

    def _mirrored(self, header: dict[str, Any]) -> Mirror | None:
        try:
            return Mirror(header, self.aliases.field)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def _snapshot(self, data: Any) -> Any:
        assert self._mirror is not None
        try:
            return self._mirror.snapshot(bytes.fromhex(data)).hex()
        except (TypeError, ValueError):
            return data

    def _rewritten(self, direction: Direction, run: bytes) -> bytes:
        event = self._readers[direction](run)
        if isinstance(event, BadFrame):
            self.made.noise += 1
            made = noise_with(event._replace(raw=run) if event.size_bytes == len(run) else event, self.aliases)
        elif direction == INBOUND:
            made = self._heard(event)
        else:
            made = frame_with(event, self.aliases, None)
        if direction == OUTBOUND and self._mirror is not None:
            self._mirror.told(event if isinstance(event, Frame) else None, b"\0" + run + b"\0", b"\0" + made + b"\0")
        return made

    def _heard(self, event: Frame) -> bytes:
        pair = self._mirror.heard(event) if self._mirror is not None else None
        if pair is not None and pair.own.message == event.message:
            self.made.remade += 1
        else:
            self.made.recorded += 1
        return frame_with(event, self.aliases, pair)
