"""Decodes a whole stream of frames of one message into numpy columns, through the firmware's own codec; it reads no file."""

import ctypes
from collections.abc import Iterator
from itertools import repeat
from struct import Struct
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.native import BulkCounts, NativeLibrary
from pumpbench.protocol.columns import dtype_of
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.header import CRC_BYTES, DEVICE, DEVICE_BYTES, FLAG_BENCH
from pumpbench.protocol.layout import layout_of

HOST_HEADER: Final = (
    ("header_version", "u1"), ("header_flags", "u1"), ("header_type", "<u2"), ("header_seq", "<u2"),
    ("header_request_id", "<u4"), ("header_session", "<u4"),
)  # fmt: skip
DEVICE_HEADER: Final = (*HOST_HEADER, ("header_boot_seq", "<u4"), ("header_tick", "<u8"))


class Columns(NamedTuple):
    """One row per good frame of the message asked for, header fields first, tails left out.

    `others`: good frames of other messages; `bad`: noise by fault name; `rest`: bytes after the last whole frame.
    """

    rows: npt.NDArray[Any]
    others: int
    bad: dict[str, int]
    rest: bytes


def decode_columns(library: NativeLibrary, data: bytes, message: type, from_device: bool = True) -> Columns:
    """Every frame of class `message` in `data`. Raises ValueError for a class the firmware does not know."""
    layout, row = layout_of(message), row_of(message, from_device)
    # No frame is shorter than its header, CRC and one zero byte, so there are no more rows than that.
    capacity = len(data) // frame_bytes_min(message, row) + 1
    buffer = np.empty(capacity * row.itemsize + row.itemsize, np.uint8)
    met = BulkCounts()
    records = buffer.ctypes.data_as(ctypes.c_void_p)
    size = library.lib.pb_bulk_decode(data, len(data), layout.number, from_device, records, capacity, ctypes.byref(met))
    if size != row.itemsize:
        raise ValueError(f"{layout.name}: records of {size} bytes, expected {row.itemsize}: the firmware knows it otherwise")
    rows = buffer[: met.frames * size].view(row)
    return Columns(rows, met.others, bad_of(met), data[met.consumed :])


def messages_of(rows: npt.NDArray[Any], message: type) -> Iterator[Any]:
    """Rows as messages of the class they came from, each made as it is asked for: the codec has checked every range.

    Raises ValueError for a class with a tail, which rows leave out.
    """
    layout = layout_of(message)
    if layout.tail is not None:
        raise ValueError(f"{layout.name} ends with {layout.tail.name}, which rows leave out; decode its frames one by one")
    header_bytes = rows.dtype.itemsize - layout.size
    values = Struct(f"<{header_bytes}x{layout.format.removeprefix('<')}").iter_unpack(rows.tobytes())
    return map(tuple.__new__, repeat(message), values)


def frames_of(rows: npt.NDArray[Any], message: type) -> Iterator[Frame]:
    """Rows from a device as the frames they came from, if those carried no byte more; else as `messages_of`."""
    heads = Struct(f"{DEVICE.format}{rows.dtype.itemsize - DEVICE_BYTES}x").iter_unpack(rows.tobytes())
    for head, one in zip(heads, messages_of(rows, message), strict=True):
        _, flags, _, seq, request_id, session, boot_seq, tick = head
        wire = device_frame(one, seq, request_id, session, boot_seq, tick, bool(flags & FLAG_BENCH))
        yield Frame(head, one, wire[1:-1])


def row_of(message: type, from_device: bool) -> np.dtype[Any]:
    """Header and fixed fields, packed as the firmware's codec writes them."""
    return np.dtype([*(DEVICE_HEADER if from_device else HOST_HEADER), *_fields(dtype_of(layout_of(message)))])


def frame_bytes_min(message: type, row: np.dtype[Any]) -> int:
    """What a frame of a message takes at least, whatever was left out of its body: its header, CRC and one zero byte."""
    return row.itemsize - layout_of(message).size + CRC_BYTES + 1


def bad_of(met: BulkCounts) -> dict[str, int]:
    """Noise by fault name."""
    return {name: met.bad[value] for name, value in WireFault.items() if met.bad[value]}


def _fields(dtype: np.dtype[Any]) -> list[tuple[str, Any]]:
    return [] if dtype.names is None else [(name, dtype[name]) for name in dtype.names]
