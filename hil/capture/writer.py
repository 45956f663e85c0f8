"""Appends what passed to a capture file, each record as it comes; knows the file, and nothing of what a record says."""

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.lane import Lane
from pumpbench.hil.capture.newfile import create, write_all
from pumpbench.hil.capture.tally import CHECKPOINT, META_NAME, RECORDS_PER_CHECKPOINT, TRAILER, Tally
from pumpbench.hil.links.link import INBOUND, NEITHER, OUTBOUND, Direction
from pumpbench.hil.links.tap import Sink, steady_clock

APPLICATION = "pumpbench"
BUFFER_BYTES = 65536


class CaptureWriter:
    """A capture being made, by one thread at a time.

    By default every record is handed to the system before its call returns, so a killed process loses none; `sync`
    also waits for the disk, so a machine that dies loses none; `buffered` hands over every 64 KiB, at `flush` and
    at `close`. Raises `CaptureExists` without `force`; `CaptureError` when the disk takes no more, then every time.
    """

    def __init__(
        self,
        path: str | Path,
        force: bool = False,
        sync: bool = False,
        buffered: bool = False,
        clock_ns: Callable[[], int] | None = None,
    ) -> None:
        if sync and buffered:
            raise ValueError("sync and buffered exclude each other: choose one")
        self.path = Path(path)
        self._clock_ns = clock_ns or steady_clock()
        self._names: list[str] = []
        self._lanes: dict[int, Lane] = {}
        self._tally = Tally()
        self._left = RECORDS_PER_CHECKPOINT
        opening = blocks.section(APPLICATION) + self._declare(blocks.LINKTYPE_META, META_NAME, (NEITHER,))
        self._fd = create(self.path, opening, force)
        self._buffer: BinaryIO | None = os.fdopen(self._fd, "ab", BUFFER_BYTES, closefd=False) if buffered else None
        self._put = self._choose_put(sync)

    def add_line(self, name: str) -> int:
        """Declares the interface of one link and gives the number that `line` takes."""
        if name in self._names or not name.isprintable() or not name or " " in name:
            raise ValueError(f"line {name!r}: expected a word of its own, none of {', '.join(self._names)}")
        declaration = self._declare(blocks.LINKTYPE_LINE, name, (NEITHER, INBOUND, OUTBOUND))
        self._hand_over(declaration)
        return len(self._names) - 1

    def line(self, interface: int, direction: Direction, t_ns: int, payload: bytes) -> None:
        """Records bytes as they passed, at `t_ns` since 1970 (0 to 2^64-1)."""
        self._record(self._lanes[interface << 2 | direction], t_ns, payload)

    def sink(self, interface: int) -> Sink:
        """What a `Tap` on that link calls."""
        return functools.partial(self.line, interface)

    def meta(self, record: Mapping[str, Any], t_ns: int | None = None) -> None:
        """Records one JSON object, now or at `t_ns`; its text under `record` names its kind.

        Raises ValueError when it has none, or no canonical form.
        """
        kind = record.get("record")
        if not isinstance(kind, str) or kind in (CHECKPOINT, TRAILER):
            raise ValueError(
                f'meta "record": {kind!r}; expected the name of a kind, but {CHECKPOINT} and {TRAILER} write themselves'
            )
        self._meta(record, t_ns)

    def meta_bytes(self, payload: bytes, t_ns: int) -> None:
        """Records a meta record of another capture as its bytes stand there, canonical or not."""
        self._record(self._lanes[0], t_ns, payload)

    def checkpoint(self) -> None:
        """Records counts and digests of everything before; comes by itself every 1000 records."""
        self._left = RECORDS_PER_CHECKPOINT
        self._meta({"record": CHECKPOINT, **self._tally.told()})

    def flush(self) -> None:
        """Hands what is buffered to the system."""
        if self._buffer is not None:
            try:
                self._buffer.flush()
            except OSError as problem:
                raise self._fail(problem) from problem

    def close(self, ended: str = "complete", **told: Any) -> None:
        """Writes the trailer, which says how the recording `ended` and whatever else it is told, and lets go.

        A second close does nothing.
        """
        if self._fd < 0:
            return
        try:
            self._left = 0  # no checkpoint follows the trailer
            self._meta({"record": TRAILER, "ended": ended, **told, **self._tally.told()})
            self.flush()
        finally:
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close("complete" if kind is None else kind.__name__)

    def _record(self, lane: Lane, t_ns: int, payload: bytes) -> None:
        """The hot path: two appends, one pack, one write."""
        pack, head, sizes, tail, mark = lane.shapes.get(len(payload)) or lane.shape(len(payload))
        # Counted before it is written, because an interrupt strikes in the write and must find the two agreed.
        pending = self._tally.pending
        pending.append(mark)
        pending.append(payload)
        try:
            self._put(pack(head, t_ns >> 32, t_ns & 0xFFFFFFFF, sizes, payload, tail))
        except OSError as problem:
            raise self._fail(problem) from problem
        self._left -= 1
        if not self._left:
            self.checkpoint()

    def _meta(self, record: Mapping[str, Any], t_ns: int | None = None) -> None:
        self._record(self._lanes[0], self._clock_ns() if t_ns is None else t_ns, canonical(dict(record)))

    def _hand_over(self, block: bytes) -> None:
        try:
            self._put(block)
        except OSError as problem:
            raise self._fail(problem) from problem

    def _declare(self, link_type: int, name: str, directions: tuple[Direction, ...]) -> bytes:
        number = len(self._names)
        self._names.append(name)
        self._lanes.update({number << 2 | direction: Lane(number, name, direction) for direction in directions})
        return blocks.interface(link_type, name)

    def _choose_put(self, sync: bool) -> Callable[[bytes], object]:
        if self._buffer is not None:
            return self._buffer.write
        return self._write_synced if sync else functools.partial(write_all, self._fd)

    def _write_synced(self, block: bytes) -> None:
        write_all(self._fd, block)
        os.fdatasync(self._fd)

    def _fail(self, problem: OSError) -> CaptureError:
        """The first failure is kept and told again: after a torn record nothing may be appended."""

        def refuse(_: bytes) -> None:
            raise problem

        self._put = refuse
        return CaptureError(
            self.path, f"takes no more ({problem.strerror})", "make room and record again; what is there can be read"
        )

    def _let_go(self) -> None:
        self._fail(OSError(errno.EBADF, "it was closed"))
        if self._buffer is not None:
            with contextlib.suppress(OSError):  # told by flush already
                self._buffer.close()
        os.close(self._fd)
        self._fd = -1
