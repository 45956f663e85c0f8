"""Finds packets of a capture that are alike and stand in a row, so that thousands are taken at once; it knows no frame."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.errors import unreadable
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.capture.reader import Damage, Record, Window
from pumpbench.hil.capture.salvage import Lost, Salvage
from pumpbench.hil.capture.tally import mark
from pumpbench.hil.links.link import INBOUND, Direction

Bytes = npt.NDArray[np.uint8]

WORTH_BYTES: Final = 1024
"""Of payload: for less than this the records are made one by one, which then takes less time."""
SEARCH_BYTES: Final = (512, 32768)
"""How far records are made one by one before packets alike are looked for again: the more, the longer none were found."""
# Words of a packet block that alike ones share: type, length, interface, captured size; option, flags, end, length.
SHARED_WORDS: Final = [0, 1, 2, 5, -4, -3, -2, -1]


class Alike(NamedTuple):
    """Records of one interface and direction and of one size, in order, none older than the one before it."""

    interface: str
    direction: Direction
    blocks: Bytes  # a row for each
    t_ns: npt.NDArray[np.uint64]
    size: int
    offset: int

    @property
    def payloads(self) -> Bytes:
        """A row for each record."""
        return self.blocks[:, blocks.PACKET_HEAD_BYTES : blocks.PACKET_HEAD_BYTES + self.size]

    @property
    def marked(self) -> bytes:
        """Mark and payload of each by turns, as a tally digests them."""
        head = np.frombuffer(mark(self.interface, self.direction, self.size), np.uint8)
        return np.hstack((np.broadcast_to(head, (len(self.blocks), len(head))), self.payloads)).tobytes()

    def record(self, index: int) -> Record:
        offset = self.offset + index * self.blocks.shape[1]
        payload = self.payloads[index].tobytes()
        return Record(self.interface, self.direction, int(self.t_ns[index]), payload, False, offset)


def read_alike(path: str | Path) -> Iterator[Record | Alike | Damage]:
    """What `read` gives, in its order, with packets alike from a device taken together where they are many."""
    try:
        with open_to_read(path) as file:
            yield from AlikeWindow(file).items()
    except OSError as problem:
        raise unreadable(path, problem) from problem


def salvage_alike(path: str | Path) -> Iterator[Record | Alike | Lost]:
    """The same of what `salvage` gives."""
    try:
        with open_to_read(path) as file:
            yield from _AlikeSalvage(file).items()
    except OSError as problem:
        raise unreadable(path, problem) from problem


class AlikeWindow(Window):
    chunk_bytes = 1 << 18

    def packets(self) -> Iterator[Any]:
        least, most = SEARCH_BYTES
        search = least
        while True:
            alike = self._alike()
            if alike is not None:
                search = least
                yield alike
                continue
            found = self.packets_before(min(len(self.buffer), self.at + search))
            if not found:
                if self.at + search >= len(self.buffer) or search == most:
                    return
            search = min(2 * search, most)
            yield from found

    def _alike(self) -> Alike | None:
        """Those that stand next; None where they are too few."""
        self.fill_packet()
        buffer, at = self.buffer, self.at
        if at + blocks.PACKET_HEAD_BYTES > len(buffer):
            return None
        kind, length, number, _, _, size, _ = self.order.packet.unpack_from(buffer, at)
        whole = blocks.PACKET_HEAD_BYTES + blocks.padded_bytes(size) + blocks.FLAGS_TAIL_BYTES
        count = (len(buffer) - at) // length if length else 0
        if kind != blocks.PACKET or length != whole or count * size < WORTH_BYTES or number not in self.plain:
            return None
        name, is_meta = self.plain[number]
        tail = self.order.flags_tail.unpack_from(buffer, at + length - blocks.FLAGS_TAIL_BYTES)
        if is_meta or tail != (self.order.flags_head, INBOUND, 0, length):
            return None
        words = np.frombuffer(buffer, f"{self.order.sign}u4", count * length // 4, at).reshape(count, length // 4)
        t_ns = words[:, 3].astype(np.uint64) << np.uint64(32) | words[:, 4]
        count = _true_count((words[:, SHARED_WORDS] == words[0, SHARED_WORDS]).all(axis=1))
        count = 1 + _true_count(t_ns[1:count] >= t_ns[: count - 1])
        if count * size < WORTH_BYTES:
            return None
        self.at += count * length
        rows = words[:count].view(np.uint8).reshape(count, length)
        return Alike(name, INBOUND, rows, t_ns[:count], size, self.base + at)


class _AlikeSalvage(AlikeWindow, Salvage):
    """Takes packets as the one does, and looks on behind damage as the other."""


def _true_count(wanted: npt.NDArray[np.bool_]) -> int:
    """How many are true before the first that is not."""
    return len(wanted) if wanted.all() else int(wanted.argmin())
