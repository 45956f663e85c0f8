"""Looks over a capture with its telemetry taken by the thousand; it finds the same as frame by frame, and plays nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pumpbench.hil.capture.alike import Alike, salvage_alike
from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.capture.rows import RowReader, RowsAt
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.row_loader import RowLoader
from pumpbench.hil.replay.survey import MessageKey, Survey, Surveyor
from pumpbench.protocol.messages import Telemetry


def survey_by_rows(path: str | Path, made: Survey, library: NativeLibrary) -> Survey:
    """What `survey` gives, and raises."""
    surveyor, reader = RowSurveyor(made), RowReader(library)
    for item in reader.frames(surveyor.watched_alike(salvage_alike(path))):
        if isinstance(item, FrameAt | Record | Damage):
            surveyor.see(item)
        else:
            surveyor.see_rows(item)
    made.pending_bytes = reader.pending_bytes
    surveyor.conclude()
    return made


class RowSurveyor(RowLoader, Surveyor):
    """A surveyor that also takes what is alike at once."""

    def _see_alike(self, alike: Alike) -> None:
        made, key, count = self.survey, (alike.interface, alike.direction), len(alike.blocks)
        first_ns, last_ns = int(alike.t_ns[0]), int(alike.t_ns[-1])
        made.first_t_ns = first_ns if made.first_t_ns is None else min(made.first_t_ns, first_ns)
        made.last_t_ns = last_ns if made.last_t_ns is None else max(made.last_t_ns, last_ns)
        made.records[key] += count
        made.payload_bytes[key] += count * alike.size
        self._seal.see_alike(alike)
        self._offset = alike.offset
        super()._see_alike(alike)

    def watched_alike(self, items: Iterable[Any]) -> Iterator[Record | Alike | Damage]:
        for item in super().watched_alike(items):
            yield item
            if isinstance(item, Alike):  # which by now is taken apart
                self._offset = item.offset + (len(item.blocks) - 1) * item.blocks.shape[1]

    def _take(self, item: RowsAt, start: int, end: int) -> None:
        made, ticks = self.survey, item.rows["header_tick"][start:end]
        made.messages[MessageKey(item.alike.interface, item.alike.direction, "therapy", Telemetry.__name__)] += end - start
        low, high = int(ticks.min()), int(ticks.max())
        made.ticks = (low, high) if made.ticks is None else (min(made.ticks[0], low), max(made.ticks[1], high))
        super()._take(item, start, end)
