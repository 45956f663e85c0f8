"""What a device said unasked, in order: telemetry by the thousand as rows in a file, all else as frames; it pairs nothing."""

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import CRC_BYTES, DEVICE, DEVICE_BYTES, FLAG_FROM_DEVICE
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Telemetry

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows
else:
    Rows = Any  # numpy is loaded where there are rows, which small recordings do not have

PIECE_ROWS_MAX: Final = 1 << 16
LOOK_ROWS: Final = 64
RUN_BYTES: Final = DEVICE_BYTES + layout_of(Telemetry).size + CRC_BYTES + 1
"""Between the zero bytes of a frame of telemetry: with the one that COBS adds."""


class Heard:
    """Frames, as a list of them would give them. `pieces` gives rows as they are: a bounded number at a time.

    `in_rows`: every frame of telemetry that a row can hold is kept as one.
    """

    def __init__(self, frames: Iterable[Frame] = (), in_rows: bool = False) -> None:
        self._in_rows = in_rows
        self._parts: list[Frame | range] = []
        self._file: IO[bytes] | None = None
        self._row_count = self._frame_count = 0
        for frame in frames:
            self.append(frame)

    @property
    def has_rows(self) -> bool:
        return self._row_count > 0

    def append(self, frame: Frame) -> None:
        if self._in_rows and is_plain(frame):
            self._write(DEVICE.pack(*frame.head) + frame.body, 1)
        else:
            self._parts.append(frame)
            self._frame_count += 1

    def extend(self, rows: "Rows") -> None:
        self._write(rows.tobytes(), len(rows))

    def _write(self, data: bytes, count: int) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="pumpbench-")
            weakref.finalize(self, self._file.close)
        self._file.write(data)
        last, start, stop = self._parts[-1] if self._parts else None, self._row_count, self._row_count + count
        if isinstance(last, range):
            self._parts[-1] = range(last.start, stop)
        else:
            self._parts.append(range(start, stop))
        self._row_count = stop

    def rows(self) -> "Rows":
        """All of them, read from the file where they are looked at."""
        import numpy as np

        from pumpbench.hil.capture.rows import ROW

        if self._file is None:
            return np.empty(0, ROW)
        self._file.flush()
        return np.memmap(self._file, ROW, "r", shape=(self._row_count,))

    def pieces(self) -> "Iterator[Frame | Rows]":
        """In order."""
        every = self.rows() if self.has_rows else None
        for part in self._parts:
            if isinstance(part, Frame):
                yield part
            elif every is not None:
                for start in range(part.start, part.stop, PIECE_ROWS_MAX):
                    yield every[start : min(part.stop, start + PIECE_ROWS_MAX)]

    def __len__(self) -> int:
        return self._frame_count + self._row_count

    def __iter__(self) -> Iterator[Frame]:
        for piece in self.pieces():
            yield from (piece,) if isinstance(piece, Frame) else frames_in(piece)


def is_plain(frame: Frame) -> bool:
    """Whether a row holds it: telemetry, unasked, on the therapy channel, no byte longer or shorter than it is declared."""
    head, size = frame.head, len(frame.raw)
    return type(frame.message) is Telemetry and size == RUN_BYTES and head[1] == FLAG_FROM_DEVICE and head[4] == 0


class Turns:
    """Pieces, taken as far as a tick: what stands first waits for its own, and whatever stands behind waits with it."""

    def __init__(self, pieces: "Iterator[Frame | Rows]") -> None:
        self._pieces = pieces
        self._waiting: Frame | Rows | None = None

    def take(self, tick: int | None = None) -> "Iterator[Frame | Rows]":
        """Up to the first that tells a later tick; None: all that are left."""
        while True:
            piece = next(self._pieces, None) if self._waiting is None else self._waiting
            self._waiting = None
            if piece is None:
                return
            count = _count_to(piece, tick)
            if isinstance(piece, Frame):
                if not count:
                    self._waiting = piece
                    return
                yield piece
                continue
            if count < len(piece):
                self._waiting = piece[count:]
            if count:
                yield piece[:count]
            if count < len(piece):
                return


def _count_to(piece: "Frame | Rows", tick: int | None) -> int:
    """How many of a piece stand before the first that tells a later tick."""
    if isinstance(piece, Frame):
        return int(tick is None or piece.head[7] <= tick)
    ticks, size = piece["header_tick"], LOOK_ROWS
    while tick is not None:
        later = ticks[:size] > tick
        if later.any():
            return int(later.argmax())
        if size >= len(ticks):
            break
        size *= 4
    return len(piece)


def frames_in(rows: "Rows") -> Iterator[Frame]:
    """Of telemetry, as they came."""
    from pumpbench.hil.bulk import frames_of

    return frames_of(rows, Telemetry)
