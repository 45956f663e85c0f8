"""Makes a whole capture of what can still be read of a broken one, and says in it what was lost; it judges no frame."""

import hashlib
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.capture.errors import CaptureError, unreadable
from pumpbench.hil.capture.reader import Record
from pumpbench.hil.capture.resealed import Resealed
from pumpbench.hil.capture.salvage import Lost, salvage
from pumpbench.hil.capture.verify import Verification, Verifier, verify

LOST: Final = "lost"
"""Kind of the meta record that stands where something is missing: without it a sealed copy would hide the damage."""
UNVOUCHED: Final = "from here on no tally vouches for what was read"
RECOVERED_FROM: Final = "recovered_from"


class Recovered(NamedTuple):
    """What became of a capture. `whole`: the source was sealed and nothing of it is missing or changed."""

    records: int
    lost: tuple[Lost, ...]
    lost_records: int
    whole: bool

    @property
    def lost_bytes(self) -> int:
        return sum(one.size_bytes for one in self.lost)


def recover(source: Path, out: Path, force: bool = False) -> Recovered:
    """Writes every record that can be read to `out`, sealed. Law: `out` verifies, and what was lost is a gap in it.

    Raises `CaptureExists`, or `CaptureError` where a file cannot be read or written, or nothing in it can be read.
    """
    before, lost, first_ns = _look(source)
    whole = before.whole and not lost
    with Resealed(out, force, (source,), first_ns) as copy:
        if not before.records:
            raise CaptureError(source, "holds no record that could be read", "nothing was written")
        _copy(source, copy, before.vouched if not whole else -1)
        ended = before.ended if whole else "recovered"
        copy.seal(ended, (before.last_tick, before.last_seq), **{RECOVERED_FROM: origin(source)})
        records = copy.records
    if not verify(out).whole:
        raise CaptureError(out, "does not read as it was written", "check the disk")
    return Recovered(records, lost, before.lost, whole)


def origin(source: Path) -> dict[str, str]:
    """What names a file in the trailer of one made from it, and can be held against it by any tool. Raises `CaptureError`."""
    try:
        with open(source, "rb") as file:
            return {"file_sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError as problem:
        raise unreadable(source, problem) from problem


def _look(source: Path) -> tuple[Verification, tuple[Lost, ...], int]:
    """What it is, what of it is lost, and the time of its first record, which a mark before that one takes."""
    verifier, lost, first_ns = Verifier(), [], 0
    for item in salvage(source):
        if isinstance(item, Lost):
            lost.append(item)
        else:
            verifier.see(item)
            first_ns = first_ns or item.t_ns
    return verifier.result(), tuple(lost), first_ns


def _copy(source: Path, copy: Resealed, vouched: int) -> None:
    """`vouched`: how many records the tallies speak for; what stands behind them may have been changed. -1: all do."""
    seen = 0
    for item in salvage(source):
        if seen == vouched:
            copy.meta(lost_mark(item.offset, 0, UNVOUCHED))
            vouched = -1
        if isinstance(item, Record):
            seen += 1
            copy.put(item)
        else:
            copy.meta(lost_mark(*item))
    if seen == vouched:
        copy.meta(lost_mark(source.stat().st_size, 0, "the recording did not end knowingly"))


def lost_mark(offset: int, size_bytes: int, what: str) -> dict[str, Any]:
    """The record that stands where so many bytes are missing, or from where on nothing is vouched for."""
    return {"record": LOST, "offset": wide(offset), "size_bytes": wide(size_bytes), "what": what}
