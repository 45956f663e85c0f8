"""Says whether a capture is whole, by the tallies it carries; knows counts and digests, and nothing of what passed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pumpbench.hil.capture.reader import Damage, Record, read
from pumpbench.hil.capture.tally import CHECKPOINT, RECORDS_PER_CHECKPOINT, TRAILER, Tally, mark

if TYPE_CHECKING:
    from pumpbench.hil.capture.alike import Alike  # takes numpy, which few readers need

LARGE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How much of a capture is there and vouched for.

    `records`: those read, meta included. `vouched`: how many of them the last agreeing tally covers. `lost`: how many
    more the last tally counted. `checksum_ok`: every tally agreed; None when there is none to compare with. `trailer`:
    it ended knowingly, `ended` says how; False is a gap. `last_tick`, `last_seq`: how far the run went by the word of
    who recorded it; None where the trailer does not say.
    """

    records: int
    vouched: int
    lost: int
    checksum_ok: bool | None
    trailer: bool
    ended: str
    disagreed_at: int | None
    damage: Damage | None
    last_tick: int | None = None
    last_seq: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """The whole trailer; empty without one."""

    @property
    def whole(self) -> bool:
        """True when every record that was made is there, unchanged in payload, direction and number."""
        return self.trailer and self.checksum_ok is True and self.damage is None and self.vouched == self.records


def verify(path: str | Path) -> Verification:
    """Reads the whole file. Raises `CaptureError` when it cannot be opened or read."""
    verifier = Verifier()
    for item in _items(Path(path)):
        if isinstance(item, Record | Damage):
            verifier.see(item)
        else:
            verifier.see_alike(item)
    return verifier.result()


def _items(path: Path) -> "Iterator[Record | Alike | Damage]":
    """Many together only where it saves more time than numpy takes to load."""
    if not path.is_file() or path.stat().st_size < LARGE_BYTES:
        return read(path)
    from pumpbench.hil.capture.alike import read_alike

    return read_alike(path)


def parse_meta(record: Record) -> dict[str, Any] | Damage:
    """A meta record's object, or where it is none."""
    try:
        value = json.loads(record.payload)
    except (ValueError, RecursionError) as problem:
        return Damage(record.offset, f"meta record that is no JSON ({problem})", "one JSON object")
    if not isinstance(value, dict):
        return Damage(record.offset, f"meta record that is a JSON {type(value).__name__}", "one JSON object")
    return value


class Verifier:
    """Sees the items of one capture in order, beside whatever else is done with them, and then gives the result."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._records = self._vouched = self._lost = 0
        self._checksum_ok: bool | None = None
        self._disagreed_at: int | None = None
        self._ended: str | None = None
        self._told: dict[str, Any] = {}
        self._last_tick: int | None = None
        self._last_seq: int | None = None
        self._damage: Damage | None = None

    def see(self, item: Record | Damage) -> None:
        if isinstance(item, Damage):
            self._damage = item
            return
        found = parse_meta(item) if item.is_meta else None
        is_tally = isinstance(found, dict) and found.get("record") in (CHECKPOINT, TRAILER)
        if isinstance(found, dict) and is_tally:
            self._compare(found, item.offset)
        self._count(item)
        if is_tally and self._disagreed_at is None:
            self._vouched = self._records

    def see_alike(self, alike: "Alike") -> None:
        """Records of a line, taken at once."""
        count = len(alike.blocks)
        self._tally.take(alike.interface, alike.direction, count, count * alike.size, alike.marked)
        self._records += count

    def result(self) -> Verification:
        return Verification(
            records=self._records,
            vouched=self._vouched,
            lost=self._lost,
            checksum_ok=self._checksum_ok,
            trailer=self._ended is not None,
            ended=self._ended or "",
            disagreed_at=self._disagreed_at,
            damage=self._damage,
            last_tick=self._last_tick,
            last_seq=self._last_seq,
            told=self._told,
        )

    def _count(self, record: Record) -> None:
        pending = self._tally.pending
        pending.append(mark(record.interface, record.direction, len(record.payload)))
        pending.append(record.payload)
        # A foreign file has no checkpoints to settle at: what waits stays bounded all the same.
        if len(pending) > 2 * RECORDS_PER_CHECKPOINT:
            self._tally.settle()
        self._records += 1

    def _compare(self, told: dict[str, Any], offset: int) -> None:
        seen = self._tally.told()
        agrees = all(told.get(key) == value for key, value in seen.items())
        self._checksum_ok = agrees and self._checksum_ok is not False
        if not agrees and self._disagreed_at is None:
            self._disagreed_at = offset
        self._lost = max(0, _records_in(told.get("counts")) - _records_in(seen["counts"]))
        if told["record"] == TRAILER:
            self._ended, self._told = str(told.get("ended")), told
            self._last_tick, self._last_seq = _whole(told.get("last_tick")), _whole(told.get("last_seq"))


def _whole(text: object) -> int | None:
    """None for what is no number in text, since damage may stand there."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 21 else None


def _records_in(counts: object) -> int:
    """What the counts of a tally add up to; what is no count adds nothing, since damage may stand there."""
    entries = counts if isinstance(counts, list) else []
    told = [entry.get("records") for entry in entries if isinstance(entry, dict)]
    return sum(int(count) for count in told if isinstance(count, str) and count.isdecimal() and len(count) < 20)
