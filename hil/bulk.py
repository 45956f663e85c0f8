"""Decodes a whole stream of frames of one message into numpy columns, through the firmware's own codec; it reads no file."""

import ctypes
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.native import BulkCounts, NativeLibrary
from pumpbench.protocol.columns import dtype_of
from pumpbench.protocol.faults import WireFault
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
    layout = layout_of(message)
    row = np.dtype([*(DEVICE_HEADER if from_device else HOST_HEADER), *_fields(dtype_of(layout))])
    # Every frame ends at a zero byte, so there are no more rows than those.
    capacity = data.count(0)
    buffer = np.empty(capacity * row.itemsize + row.itemsize, np.uint8)
    met = BulkCounts()
    records = buffer.ctypes.data_as(ctypes.c_void_p)
    size = library.lib.pb_bulk_decode(data, len(data), layout.number, from_device, records, capacity, ctypes.byref(met))
    if size != row.itemsize:
        raise ValueError(f"{layout.name}: records of {size} bytes, expected {row.itemsize}: the firmware knows it otherwise")
    rows = buffer[: met.frames * size].view(row)
    bad = {name: met.bad[value] for name, value in WireFault.items() if met.bad[value]}
    return Columns(rows, met.others, bad, data[met.consumed :])


def _fields(dtype: np.dtype[Any]) -> list[tuple[str, Any]]:
    return [] if dtype.names is None else [(name, dtype[name]) for name in dtype.names]
