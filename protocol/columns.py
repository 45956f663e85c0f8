"""Knows how many bodies of one layout become numpy columns; it must not be imported by anything that starts fast."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .flat import Layout

# numpy has letters of its own: its `<L` is eight bytes wide.
_TYPES: Final = {"B": "u1", "H": "<u2", "I": "<u4", "Q": "<u8", "b": "i1", "h": "<i2", "i": "<i4", "q": "<i8"}


def dtype_of(layout: Layout) -> np.dtype[Any]:
    """The fixed fields, packed as on the wire; arrays and blobs are sub-arrays."""
    described: list[Any] = []
    for field in layout.fields:
        kind = "u1" if field.shape == "blob" else _TYPES[field.code]
        described.append((field.name, kind) if field.shape == "scalar" else (field.name, kind, (field.count,)))
    return np.dtype(described)


def columns_of(layout: Layout, bodies: Sequence[bytes]) -> npt.NDArray[Any]:
    """Fixed fields of bodies that decoded without fault, a row each; historic ones are zero-filled, tails left out."""
    size = layout.size
    if all(len(body) == size for body in bodies):
        return np.frombuffer(b"".join(bodies), dtype_of(layout))
    return np.frombuffer(b"".join([body[:size].ljust(size, b"\0") for body in bodies]), dtype_of(layout))


def items_of(layout: Layout, bodies: Sequence[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """(row of the body, item) for every tail item; a tail of bytes gives `u1` items.

    Raises ValueError for a layout without a tail.
    """
    if layout.tail is None:
        raise ValueError(f"{layout.name} has no tail; expected a message that ends with one")
    item = layout.tail.item
    kind = np.dtype("u1") if item is None else dtype_of(item)
    runs = [_item_runs(body, layout.size, kind.itemsize) for body in bodies]
    rows = np.repeat(np.arange(len(bodies), dtype=np.int64), [len(run) // kind.itemsize for run in runs])
    return rows, np.frombuffer(b"".join(runs), kind)


def _item_runs(body: bytes, start: int, size: int) -> bytes:
    count, item_bytes = int.from_bytes(body[start : start + 2], "little"), body[start + 2]
    start += 3
    if item_bytes == size:
        return body[start : start + count * size]
    whole = [body[at : at + item_bytes] for at in range(start, start + count * item_bytes, item_bytes)]
    return b"".join([one[:size].ljust(size, b"\0") for one in whole])
