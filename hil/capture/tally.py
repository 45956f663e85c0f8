"""Counts what a capture holds and digests it, in order; knows no file and no clock."""

import hashlib
from collections import Counter
from typing import Any, Final

from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.links.link import DIRECTION_NAMES, Direction

META_NAME: Final = "meta"
CHECKPOINT: Final = "checkpoint"
TRAILER: Final = "trailer"
RECORDS_PER_CHECKPOINT: Final = 1000


def mark(interface: str, direction: Direction, size: int) -> bytes:
    """The line of text that stands before a payload of `size` bytes in the digest, so that no byte can change sides."""
    return f"{interface} {DIRECTION_NAMES[direction]} {size}\n".encode()


class Tally:
    """Records and bytes per interface and direction, and one running SHA-256 over mark and payload of every record.

    What waits in `pending`, mark and payload by turns, is counted by the next `settle` or `told`: one digest over
    many costs a tenth of many digests over one.
    """

    def __init__(self) -> None:
        self.pending: list[bytes] = []
        self._digest = hashlib.sha256()
        self._records: Counter[tuple[str, str]] = Counter()
        self._size_bytes: Counter[tuple[str, str]] = Counter()

    def settle(self) -> None:
        """Counts and digests what waits."""
        self._digest.update(b"".join(self.pending))
        for spelled, count in Counter(self.pending[::2]).items():
            interface, direction, size = spelled.decode().rsplit(" ", 2)
            self._records[interface, direction] += count
            self._size_bytes[interface, direction] += count * int(size)
        self.pending.clear()

    def take(self, interface: str, direction: Direction, records: int, size_bytes: int, marked: bytes) -> None:
        """So many records of one interface and direction at once; `marked`: mark and payload of each by turns."""
        self.settle()
        self._digest.update(marked)
        key = interface, DIRECTION_NAMES[direction]
        self._records[key] += records
        self._size_bytes[key] += size_bytes

    def told(self) -> dict[str, Any]:
        """As it stands in a checkpoint: the counts, in an order of their own, and the digest in hex."""
        self.settle()
        counts = [
            {"bytes": wide(self._size_bytes[key]), "direction": key[1], "interface": key[0], "records": wide(count)}
            for key, count in sorted(self._records.items())
        ]
        return {"counts": counts, "sha256": self._digest.hexdigest()}
