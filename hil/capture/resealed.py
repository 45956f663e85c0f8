"""Copies records into a capture of their own, with tallies and a trailer of its own; it chooses no record and changes none."""

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.part import Part
from pumpbench.hil.capture.reader import Record
from pumpbench.hil.capture.tally import CHECKPOINT, META_NAME, TRAILER
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.capture.writer import CaptureWriter


class Resealed:
    """A new capture made from records of others. Its name holds nothing, or what stood there, until it is sealed.

    `t_ns` is the time of what stands before the first record. Raises `CaptureExists` without `force`, `CaptureError` where
    a file cannot be written or is one of `sources`.
    """

    def __init__(self, path: str | Path, force: bool = False, sources: tuple[Path, ...] = (), t_ns: int = 0) -> None:
        self.path = Path(path)
        self.records = 0
        self._t_ns = t_ns
        self._lines: dict[str, int] = {}
        self._names: set[str] = {META_NAME}
        self._part = Part(self.path, force, sources)
        # Its own records take the time of the one before them: nothing in it tells when the copy was made.
        try:
            self._writer = CaptureWriter(self._part.path, buffered=True, clock_ns=lambda: self._t_ns)
        except CaptureError as problem:
            raise self._part.unwritable(problem) from problem

    def put(self, record: Record) -> None:
        """Appends a record as it stands; tallies are passed over, because the copy makes its own."""
        if is_tally(record):
            return
        self.records += 1
        self._t_ns = record.t_ns
        try:
            if record.is_meta:
                self._writer.meta_bytes(record.payload, record.t_ns)
            else:
                self._writer.line(self._line(record.interface), record.direction, record.t_ns, record.payload)
        except CaptureError as problem:
            raise self._part.unwritable(problem) from problem

    def meta(self, record: Mapping[str, Any]) -> None:
        """Appends a record of the copy's own."""
        self._writer.meta(record)

    def seal(self, ended: str, standing: tuple[int | None, int | None], **told: Any) -> None:
        """Closes it and gives it its name. `standing`: last tick and last sequence number, as far as they are known."""
        known = {name: wide(value) for name, value in zip(("last_tick", "last_seq"), standing, strict=True) if value is not None}
        try:
            self._writer.close(ended, **known, **told)
        except CaptureError as problem:
            raise self._part.unwritable(problem) from problem
        self._part.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """What was not sealed leaves nothing."""
        with contextlib.suppress(CaptureError):
            self._writer.close("abandoned")
        self._part.drop()

    def _line(self, name: str) -> int:
        if name not in self._lines:
            word = re.sub(r"\s", "_", "".join(c for c in name if c.isprintable())) or "line"
            while word in self._names:
                word += "_"
            self._names.add(word)
            self._lines[name] = self._writer.add_line(word)
        return self._lines[name]


def is_tally(record: Record) -> bool:
    """Whether it is a checkpoint or a trailer."""
    found = parse_meta(record) if record.is_meta else None
    return isinstance(found, dict) and found.get("record") in (CHECKPOINT, TRAILER)
