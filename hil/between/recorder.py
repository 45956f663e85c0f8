"""A recording of what passes between a programmer and a pump, from its header to its trailer; it shows nothing."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pumpbench.hil.between.journal import Journal
from pumpbench.hil.between.relay import LOOK_S, Relay
from pumpbench.hil.between.standing import Standing
from pumpbench.hil.capture import CaptureWriter, Record, wide
from pumpbench.hil.links import INBOUND, Direction, Link, steady_clock
from pumpbench.hil.rig.recording import CAME, CONNECTION, LEFT, LINE, session_header


class Recorder:
    """Records from construction to `close`; bytes pass from `start` on. It does not close the two links.

    `programmer`, `pump`: the link to each, and `ends` what they are called. Raises `CaptureExists` or `CaptureError`.
    """

    def __init__(
        self, programmer: Link, pump: Link, path: Path, ends: tuple[str, str], force: bool = False, sync: bool = False
    ) -> None:
        clock_ns = steady_clock()
        self._writer = CaptureWriter(path, force=force, sync=sync, clock_ns=clock_ns)
        self._writer.meta(session_header(*ends))
        self._line = self._writer.sink(self._writer.add_line(LINE))
        self._standing = Standing()
        self._passed: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._programmer = programmer
        self._relay = Relay(programmer, pump, Journal(self._record, clock_ns, self._note))
        self._was_there = False
        self.byte_count = self.record_count = 0
        self.connection_count = 0
        """How often a programmer came or left."""

    @property
    def path(self) -> Path:
        return self._writer.path

    @property
    def undelivered_bytes(self) -> int:
        """Said by the pump to a programmer that did not read; they are on record."""
        return self._relay.undelivered_bytes

    def start(self) -> None:
        self._relay.start()

    def passing(self, once: bool = False) -> Iterator[Record]:
        """What passes, as it does. Ends by `once` when the first programmer leaves; raises what ended a link."""
        while True:
            try:
                yield self._passed.get(timeout=LOOK_S)
                continue
            except queue.Empty:
                pass
            if self._relay.ended or (once and self._has_left()):
                break
        if self._relay.problem is not None:
            raise self._relay.problem

    def close(self, ended: str = "complete") -> None:
        """Stops the bytes, writes the trailer and lets go of the file; a second call does nothing."""
        self._relay.stop()
        told: dict[str, Any] = {"last_tick": self._standing.last_tick, "last_seq": self._standing.last_seq}
        self._writer.close(ended, **{name: wide(value) for name, value in told.items() if value is not None})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close("complete" if kind is None else "interrupted" if kind is KeyboardInterrupt else kind.__name__)

    def _has_left(self) -> bool:
        """Whoever came and said nothing was no programmer; one that spoke may have left between two looks."""
        return self._was_there and not getattr(self._programmer, "attached", True)

    def _note(self, there: bool, t_ns: int) -> None:
        self._writer.meta({"record": CONNECTION, "programmer": CAME if there else LEFT}, t_ns)
        self.connection_count += 1

    def _record(self, direction: Direction, t_ns: int, data: bytes) -> None:
        self._line(direction, t_ns, data)
        self.byte_count += len(data)
        self.record_count += 1
        if direction == INBOUND:
            self._standing.take(data)
        else:
            self._was_there = True
        self._passed.put(Record(LINE, direction, t_ns, data, False, 0))
