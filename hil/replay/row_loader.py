"""Loads a capture with its telemetry taken by the thousand; it loads the same as frame by frame, and plays nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pumpbench.hil.capture.alike import Alike, read_alike
from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.capture.rows import RowReader, Rows, RowsAt
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.heard import Heard, frames_in
from pumpbench.hil.replay.loader import Loader
from pumpbench.hil.replay.recorded import SILENCE_TICKS_MAX, Recorded
from pumpbench.protocol.exchange import SEQ_SPAN, Continuity


def load_by_rows(path: str | Path, library: NativeLibrary) -> Recorded:
    """What `recorded.load` gives, and raises."""
    loader = RowLoader(Recorded(unasked=Heard(in_rows=True)))
    for item in RowReader(library).frames(loader.watched_alike(read_alike(path))):
        if isinstance(item, FrameAt | Record | Damage):
            loader.see(item)
        else:
            loader.see_rows(item)
    return loader.result()


class RowLoader(Loader):
    """A loader that also takes what is alike at once."""

    def watched_alike(self, items: Iterable[Any]) -> Iterator[Record | Alike | Damage]:
        """As `watched` gives them, records alike among them."""
        for item in items:
            if isinstance(item, Alike):
                self._see_alike(item)
                yield item
            else:
                yield from self.watched(iter((item,)))

    def _see_alike(self, alike: Alike) -> None:
        self._verifier.see_alike(alike)
        self._pass(int(alike.t_ns[0]), int(alike.t_ns[-1]))

    def see_rows(self, item: RowsAt) -> None:
        """Rows that follow on and are plausible together; any other as the frame it came from."""
        rows, at = item.rows, 0
        for end in (*_breaks(rows), len(rows)):
            while at < end:
                if self._follows(rows[at:end]):
                    self._take(item, at, end)
                    at = end
                else:
                    self.see(FrameAt(item.record(at), next(frames_in(rows[at : at + 1]))))
                    at += 1

    def _follows(self, rows: Rows) -> bool:
        """Whether the first goes on where the last frame left off, and no tick is out of the question."""
        last = self._continuity.last
        if last is None or (False, 0) in self._waiting:
            return False
        due = last[0], (last[1] + 1) % SEQ_SPAN
        first = int(rows["header_boot_seq"][0]), int(rows["header_seq"][0])
        return first == due and int(rows["header_tick"].max()) <= self.made.last_tick + SILENCE_TICKS_MAX

    def _take(self, item: RowsAt, start: int, end: int) -> None:
        rows = item.rows[start:end]
        self._continuity = Continuity()
        self._continuity.follow(int(rows["header_boot_seq"][-1]), int(rows["header_seq"][-1]))
        self.made.last_tick = max(self.made.last_tick, int(rows["header_tick"].max()))
        self.made.unasked.extend(rows)


def _breaks(rows: Rows) -> list[int]:
    """Places of rows that do not follow the row before."""
    boots, seqs = rows["header_boot_seq"], rows["header_seq"]
    follow = (boots[1:] == boots[:-1]) & (seqs[1:] == seqs[:-1] + np.uint16(1))
    return (np.flatnonzero(~follow) + 1).tolist()
