"""Rewrites what stands between zero bytes, chunk for chunk: every record keeps its size; knows bytes, and no frame."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pumpbench.hil.capture.reader import Record
from pumpbench.hil.links import Direction

Rewrite = Callable[[Direction, bytes], bytes]
RUN_BYTES_MAX: Final = 4096
"""A longer run is noise whatever it says; it is rewritten piece by piece, so that nothing waits for its end."""
_FILLER: Final = b"\xaa"


@dataclass(slots=True)
class _Held:
    """A record that is not written yet, with the bytes that will be."""

    record: Record
    data: bytearray
    open_runs: int = 0


@dataclass(slots=True)
class _Lane:
    """A run that has begun: where its bytes are."""

    pieces: list[tuple[_Held, int, int]] = field(default_factory=list)
    size_bytes: int = 0
    endless: bool = False


class Streams:
    """One run at a time in each direction of each line; `rewrite` is asked in the order in which runs end."""

    def __init__(self, rewrite: Rewrite) -> None:
        self._rewrite = rewrite
        self._lanes: dict[tuple[str, Direction], _Lane] = {}
        self._queue: deque[_Held] = deque()

    def feed(self, record: Record) -> Iterator[Record]:
        """Takes a record, a meta record too, and gives those that are finished, in their order."""
        held = _Held(record, bytearray(record.payload))
        self._queue.append(held)
        if not record.is_meta:
            self._take(held)
        yield from self._finished()

    def end(self) -> Iterator[Record]:
        """What is left: a run that never ended says nothing."""
        for lane in self._lanes.values():
            self._fill(lane)
        yield from self._finished()

    def _take(self, held: _Held) -> None:
        record = held.record
        lane = self._lanes.setdefault((record.interface, record.direction), _Lane())
        start = 0
        for at, byte in enumerate(record.payload):
            if not byte:
                self._add(lane, held, start, at)
                self._close(lane, record.direction)
                start = at + 1
        self._add(lane, held, start, len(record.payload))
        if lane.size_bytes > RUN_BYTES_MAX:
            self._fill(lane)
            lane.endless = True

    def _add(self, lane: _Lane, held: _Held, start: int, end: int) -> None:
        if end > start:
            lane.pieces.append((held, start, end))
            lane.size_bytes += end - start
            held.open_runs += 1

    def _close(self, lane: _Lane, direction: Direction) -> None:
        if lane.endless:
            self._fill(lane)
            lane.endless = False
        elif lane.pieces:
            run = b"".join(bytes(held.record.payload[start:end]) for held, start, end in lane.pieces)
            self._put(lane, self._rewrite(direction, run))

    def _put(self, lane: _Lane, made: bytes) -> None:
        for held, start, end in lane.pieces:
            held.data[start:end] = made[: end - start]
            made = made[end - start :]
            held.open_runs -= 1
        lane.pieces, lane.size_bytes = [], 0

    def _fill(self, lane: _Lane) -> None:
        self._put(lane, _FILLER * lane.size_bytes)

    def _finished(self) -> Iterator[Record]:
        while self._queue and not self._queue[0].open_runs:
            held = self._queue.popleft()
            yield held.record._replace(payload=bytes(held.data))
