"""Makes a capture of bytes that others recorded: no header, no snapshot, so observed evidence and no more; it prints nothing."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.capture.errors import unreadable
from pumpbench.hil.capture.reader import Record
from pumpbench.hil.capture.recover import origin
from pumpbench.hil.capture.resealed import Resealed
from pumpbench.hil.importing.raw import Run, interleaved, runs
from pumpbench.hil.importing.stamped import RAW, BadExport, Byte, form_of, stamped
from pumpbench.hil.links import NEITHER, Direction
from pumpbench.hil.replay.recorded import IMPORTED_FROM
from pumpbench.hil.rig.recording import LINE

PAUSE_NS: Final = 10_000_000
"""Bytes further apart belong to records of their own."""
RECORD_BYTES_MAX: Final = 4096


class Source(NamedTuple):
    """A file, the direction of its bytes (`NEITHER`: it says so itself) and its format, None: by its first lines."""

    path: Path
    direction: Direction
    form: str | None = None


@dataclass(slots=True)
class Imported:
    """What became of it. `unsound`: bytes that the analyser took for broken; `undirected`: those whose way nothing tells."""

    records: int = 0
    bytes_in: int = 0
    unsound: int = 0
    undirected: int = 0
    forms: tuple[str, ...] = ()


def import_files(
    sources: Sequence[Source], out: Path, start_ns: int = 0, samples_per_s: int | None = None, force: bool = False
) -> Imported:
    """`start_ns`: when an analyser's zero was, since 1970. Raises `CaptureExists`, `BadExport`, `CaptureError`, or ValueError.

    Law: the payloads of one direction, joined, are the bytes of that direction.
    """
    made = Imported()
    try:
        forms = [source.form or form_of(source.path) for source in sources]
    except OSError as problem:
        raise unreadable(problem.filename, problem) from problem
    made.forms = tuple(forms)
    if len({form == RAW for form in forms}) > 1:
        raise ValueError("bytes with and without times cannot be put in order: import them one by one")
    with Resealed(out, force, tuple(source.path for source in sources)) as copy:
        try:
            for record in _raw(sources, start_ns) if RAW in forms else _timed(sources, forms, start_ns, samples_per_s, made):
                made.bytes_in += len(record.payload)
                made.undirected += len(record.payload) * (record.direction == NEITHER)
                copy.put(record)
        except OSError as problem:
            raise unreadable(problem.filename, problem) from problem
        if not made.bytes_in:
            raise BadExport(sources[0].path, "holds no byte that could be taken", "look at its export and at --format")
        copy.seal("imported", (None, None), **{IMPORTED_FROM: _told(sources, forms)})
    made.records = copy.records
    return made


def _told(sources: Sequence[Source], forms: Sequence[str]) -> list[dict[str, Any]]:
    return [{**origin(source.path), "format": form} for source, form in zip(sources, forms, strict=True)]


def _raw(sources: Sequence[Source], start_ns: int) -> Iterator[Record]:
    """Files of one direction follow each other; two directions are laid into each other."""
    ways = sorted({source.direction for source in sources}, reverse=True)
    streams = [_joined([source for source in sources if source.direction == way]) for way in ways]
    for run in interleaved(streams[0], streams[1]) if len(streams) > 1 else streams[0]:
        yield Record(LINE, run.direction, start_ns, run.data, False, 0)


def _joined(sources: Sequence[Source]) -> Iterator[Run]:
    for source in sources:
        yield from runs(source.path, source.direction)


def _timed(
    sources: Sequence[Source], forms: Sequence[str], start_ns: int, samples_per_s: int | None, made: Imported
) -> Iterator[Record]:
    files = [_in_order(source, stamped(source.path, form, samples_per_s)) for source, form in zip(sources, forms, strict=True)]
    held: dict[Direction, tuple[int, bytearray]] = {}
    for byte in heapq.merge(*files, key=attrgetter("t_ns")):
        made.unsound += not byte.sound
        yield from _ended(held, byte, start_ns)
        _, data = held.get(byte.direction, (0, bytearray()))
        data.append(byte.value)
        held[byte.direction] = byte.t_ns, data
        if not byte.value or len(data) >= RECORD_BYTES_MAX:
            yield _record(byte.direction, *held.pop(byte.direction), start_ns)
    for direction, (t_ns, data) in sorted(held.items(), key=lambda one: one[1][0]):
        yield _record(direction, t_ns, data, start_ns)


def _ended(held: dict[Direction, tuple[int, bytearray]], byte: Byte, start_ns: int) -> Iterator[Record]:
    """What a byte leaves behind: a pause in its own direction, or bytes of the other one, so that records stay in order."""
    for direction, (t_ns, data) in sorted(held.items(), key=lambda one: one[1][0]):
        if direction != byte.direction or byte.t_ns - t_ns > PAUSE_NS:
            yield _record(direction, t_ns, data, start_ns)
            del held[direction]


def _record(direction: Direction, t_ns: int, data: bytearray, start_ns: int) -> Record:
    """At the time of its last byte, which is when whoever listened had it."""
    return Record(LINE, direction, max(0, start_ns + t_ns), bytes(data), False, 0)


def _in_order(source: Source, bytes_in: Iterator[Byte]) -> Iterator[Byte]:
    last_ns: int | None = None
    for byte in bytes_in:
        if last_ns is not None and byte.t_ns < last_ns:
            raise BadExport(
                source.path, f"a byte at {byte.t_ns} ns stands behind one at {last_ns} ns", "export it in the order of time"
            )
        last_ns = byte.t_ns
        yield byte if source.direction == NEITHER else byte._replace(direction=source.direction)
