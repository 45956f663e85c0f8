"""Decodes every frame of one message out of a capture through the firmware's codec; knows the file, and judges nothing."""

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.bulk import bad_of, frame_bytes_min, messages_of, row_of
from pumpbench.hil.capture.errors import unreadable
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.capture.reader import Damage, Record, Window
from pumpbench.hil.links.link import INBOUND, Direction
from pumpbench.hil.native import BulkCounts, CaptureLane, NativeLibrary
from pumpbench.protocol.layout import layout_of


class Stretch(NamedTuple):
    """Rows as `decode_columns` gives them, and when the record passed that ended each one's frame, in ns since 1970."""

    t_ns: npt.NDArray[np.uint64]
    rows: npt.NDArray[Any]


class ColumnReader:
    """The frames of class `message` that passed on `line` (None: the first) in `direction`, of one capture.

    `others` and `bad` count what else was met there, as `Columns` has it; `damage` is where the file stops being whole,
    `lines` are all there are, whichever was read.
    """

    def __init__(self, library: NativeLibrary, message: type, line: str | None = None, direction: Direction = INBOUND) -> None:
        self.others = 0
        self.bad: Counter[str] = Counter()
        self.damage: Damage | None = None
        self.line = line
        self.lines: list[str] = []
        self.message = message
        self._lib = library.lib
        self._row = row_of(message, direction == INBOUND)
        self._frame_bytes_min = frame_bytes_min(message, self._row)
        self._buffer, self._t_ns = np.empty(0, np.uint8), np.empty(0, np.uint64)
        self._lane = CaptureLane(0, direction, layout_of(message).number, direction == INBOUND)

    def stretches(self, path: str | Path) -> Iterator[Stretch]:
        """In the order of the file, a quarter of a megabyte of it at a time. Raises `CaptureError` when it cannot be read."""
        try:
            with open_to_read(path) as file:
                window = _ColumnWindow(file, self)
                for item in window.items():
                    if isinstance(item, Damage):
                        self.damage = item
                    elif isinstance(item, Stretch):
                        yield item
                    elif item.interface == window.line and item.direction == self._lane.direction:
                        yield self._payload(item)
                self.lines = [interface.name for interface in window.interfaces if not interface.is_meta]
        except OSError as problem:
            raise unreadable(path, problem) from problem

    def messages(self, path: str | Path) -> Iterator[tuple[int, Any]]:
        """(t_ns, message) of each, made as it is asked for. Raises ValueError for a message with a tail."""
        for stretch in self.stretches(path):
            yield from zip(stretch.t_ns.tolist(), messages_of(stretch.rows, self.message), strict=True)

    def packets(self, data: bytes, at: int, number: int, interface_count: int) -> tuple[Stretch, int]:
        """Of the packets that stand in `data` from `at` on, whole and spelled as ours; how many bytes they take."""
        self._lane.interface, self._lane.interface_count = number, interface_count
        size = len(data) - at
        start = ctypes.c_void_p(np.frombuffer(data, np.uint8).ctypes.data + at)
        return self._decoded(self._lib.pb_capture_decode, size // self._frame_bytes_min + 1, start, size, self._lane)

    def _payload(self, record: Record) -> Stretch:
        """Of one record whose block is spelled in another way."""
        size = len(record.payload)
        return self._decoded(self._lib.pb_capture_payload, size + 1, record.payload, size, self._lane, record.t_ns)[0]

    def _decoded(self, decode: Callable[..., int], capacity: int, *asked: Any) -> tuple[Stretch, int]:
        row, met = self._row, BulkCounts()
        # Kept from call to call: the system hands out large fresh memory page by page, which takes longer than decoding.
        if len(self._t_ns) < capacity:
            self._buffer, self._t_ns = np.empty(capacity * row.itemsize, np.uint8), np.empty(capacity, np.uint64)
        size = decode(*asked, _address(self._buffer), _address(self._t_ns), capacity, ctypes.byref(met))
        if size != row.itemsize:
            raise ValueError(f"{self.message.__name__}: rows of {size} bytes, expected {row.itemsize}: build the firmware anew")
        self.others += met.others
        self.bad.update(bad_of(met))
        return Stretch(self._t_ns[: met.frames].copy(), self._buffer[: met.frames * size].copy().view(row)), met.consumed


def _address(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


class _ColumnWindow(Window):
    """A window whose packets become a stretch; what does not stand there as ours comes out record by record."""

    chunk_bytes = 1 << 18  # rows and records of a chunk should fit the processor's cache

    def __init__(self, file: BinaryIO, reader: ColumnReader) -> None:
        super().__init__(file)
        self.reader = reader
        self.line: str | None = None  # as found

    def packets(self) -> Iterator[Any]:
        number, consumed = self._number(), 1
        while number is not None and consumed:
            stretch, consumed = self.reader.packets(self.buffer, self.at, number, len(self.interfaces))
            self.at += consumed
            if len(stretch.rows):
                yield stretch
            # The packet that the chunk ends in goes on in the next one.
            self.fill_packet()

    def _number(self) -> int | None:
        """Of the interface that is read; None where there is none yet, or its times are of another unit."""
        for number, interface in enumerate(self.interfaces):
            if not interface.is_meta and self.reader.line in (None, interface.name):
                self.line = interface.name
                return number if number in self.plain else None
        return None
