"""Turns a capture into frames, telemetry as rows where much of it stands together; it knows no message's meaning."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.bulk import decode_columns, row_of
from pumpbench.hil.capture.alike import Alike
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.decoder import Decoder, reader
from pumpbench.protocol.header import CRC_BYTES, FLAG_FROM_DEVICE
from pumpbench.protocol.messages import Telemetry

Rows = npt.NDArray[Any]
"""Frames of telemetry one after another, as `row_of` lays them out: unasked, on the therapy channel, with no byte but those."""


class RowsAt(NamedTuple):
    """Rows, and in which of the records alike the frame of each ended."""

    rows: Rows
    alike: Alike
    records: npt.NDArray[np.intp]

    def record(self, index: int) -> Record:
        """Of a row."""
        return self.alike.record(int(self.records[index]))


ROW: Final = row_of(Telemetry, from_device=True)
RUN_BYTES: Final = ROW.itemsize + CRC_BYTES + 1
"""Of such a frame between its zero bytes."""
WORTH_FRAMES: Final = 8
"""Fewer are decoded one by one, which then takes less time."""


class RowReader:
    """As a `FrameReader`, for what `read_alike` or `salvage_alike` gives."""

    def __init__(self, library: NativeLibrary) -> None:
        self._library = library
        self._reader = FrameReader()
        self._read = reader(from_device=True)

    @property
    def pending_bytes(self) -> int:
        return self._reader.pending_bytes

    def frames(self, items: Iterable[Record | Alike | Damage]) -> Iterator[FrameAt | RowsAt | Record | Damage]:
        """In order, each frame in its place: in rows, or with the record that completed it."""
        for item in items:
            if isinstance(item, Alike):
                yield from self._alike(item)
            else:
                yield from self._reader.frames((item,))

    def _alike(self, alike: Alike) -> Iterator[FrameAt | RowsAt | Record | Damage]:
        key = alike.interface, alike.direction
        decoder = self._reader.decoders.get(key)
        before = decoder.pending if decoder is not None else b""
        data = before + alike.payloads.tobytes()
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        if not len(ends) or decoder is not None and decoder.pending_bytes > len(before):
            for index in range(len(alike.blocks)):
                yield from self._reader.frames((alike.record(index),))
            return
        rest = data[ends[-1] + 1 :]
        if before or rest:
            self._reader.decoders[key] = decoder = Decoder(from_device=True)
            decoder.feed(rest)
        yield from self._runs(alike, data, ends, len(before))

    def _runs(self, alike: Alike, data: bytes, ends: npt.NDArray[np.intp], before_bytes: int) -> Iterator[FrameAt | RowsAt]:
        """What stands before each zero byte of `ends`; the first `before_bytes` are of earlier records."""
        starts = np.concatenate(([0], ends[:-1] + 1))
        is_run = ends > starts
        starts, ends = starts[is_run], ends[is_run]
        fits = ends - starts == RUN_BYTES
        records = (ends - before_bytes) // alike.size
        turns = (np.flatnonzero(fits[1:] != fits[:-1]) + 1).tolist()
        for first, end in zip((0, *turns), (*turns, len(fits)), strict=True):
            rows = None
            if end - first >= WORTH_FRAMES and fits[first]:
                rows = self._rows(data[starts[first] : ends[end - 1] + 1], end - first)
            if rows is not None:
                yield RowsAt(rows, alike, records[first:end])
                continue
            for start, stop, record in zip(*(places[first:end].tolist() for places in (starts, ends, records)), strict=True):
                yield FrameAt(alike.record(record), self._read(data[start:stop]))

    def _rows(self, data: bytes, count: int) -> Rows | None:
        """None where one of so many is anything else, or carries what rows have no place for."""
        rows = decode_columns(self._library, data, Telemetry).rows
        plain = (rows["header_flags"] == FLAG_FROM_DEVICE) & (rows["header_request_id"] == 0)
        return rows if len(rows) == count and plain.all() else None
