"""Pairs and compares the telemetry of two recordings by the thousand; what differs it gives as frames, and judges nothing."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pumpbench.hil.capture.rows import ROW, Rows
from pumpbench.hil.replay.heard import PIECE_ROWS_MAX, Heard, frames_in
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Telemetry

Places = npt.NDArray[np.intp]

COMPARED_FROM: Final = ROW.fields["header_request_id"][1]  # type: ignore[index]  # it has fields
"""Of a row what stands from there on; before it stand type, version, flags and sequence number, which `compare` leaves out."""


class Paired(NamedTuple):
    """Places of frames that stand for the same, by boot, tick and place among their like there; and of those left over."""

    a: Places
    b: Places
    only_a: Places
    only_b: Places


class Unlike(NamedTuple):
    """A frame that the other side has otherwise, or not at all."""

    a: Frame | None
    b: Frame | None


class TelemetryDiff:
    """`unlike` in the order of A, then what only one side has; afterwards `agreed_ticks` has those of the rest, in order."""

    def __init__(self, a: Rows, b: Rows) -> None:
        self._a, self._b = a, b
        self._agreed: list[npt.NDArray[np.uint64]] = [np.empty(0, np.uint64)]

    def unlike(self) -> Iterator[Unlike]:
        """As far as the two go alike they are paired as they stand; what comes behind counts its places anew on both sides."""
        a, b = self._a, self._b
        count = _alike_count(a, b)
        for start in range(0, count, PIECE_ROWS_MAX):
            piece = slice(start, min(count, start + PIECE_ROWS_MAX))
            yield from self._compared(a[piece], b[piece])
        a, b = a[count:], b[count:]
        paired = _paired(a, b)
        for start in range(0, len(paired.a), PIECE_ROWS_MAX):
            piece = slice(start, start + PIECE_ROWS_MAX)
            yield from self._compared(a[paired.a[piece]], b[paired.b[piece]])
        yield from (Unlike(frame, None) for frame in frames_in(a[paired.only_a]))
        yield from (Unlike(None, frame) for frame in frames_in(b[paired.only_b]))

    def _compared(self, ours: Rows, theirs: Rows) -> Iterator[Unlike]:
        same = _same(ours, theirs)
        self._agreed.append(ours["header_tick"][same])
        yield from map(Unlike, frames_in(ours[~same]), frames_in(theirs[~same]))

    @property
    def agreed_count(self) -> int:
        return sum(map(len, self._agreed))

    def agreed_before(self, ticks: list[int]) -> list[int]:
        """The last tick at which frames agreed, up to each of these ticks; none where there was none."""
        agreed = np.sort(np.concatenate(self._agreed))
        places = np.unique(np.searchsorted(agreed, np.array(ticks, np.uint64), side="right"))
        last: list[int] = agreed[places[places > 0] - 1].tolist()
        return last


def apart(heard: Heard) -> tuple[Rows, list[Frame]] | None:
    """Telemetry, and all else. None where there is telemetry that no row holds: then frames must be paired one by one."""
    in_rows = heard if heard.has_rows else Heard(heard, in_rows=True)
    rest = [piece for piece in in_rows.pieces() if isinstance(piece, Frame)]
    return None if any(type(frame.message) is Telemetry for frame in rest) else (in_rows.rows(), rest)


def _same(a: Rows, b: Rows) -> npt.NDArray[np.bool_]:
    one, other = (rows.view(np.uint8).reshape(len(rows), ROW.itemsize)[:, COMPARED_FROM:] for rows in (a, b))
    differ = one != other
    same: npt.NDArray[np.bool_] = ~differ.any(axis=1) if differ.any() else np.ones(len(a), bool)
    return same


def _alike_count(a: Rows, b: Rows) -> int:
    """How many of both, from the first on, tell of one boot and tick."""
    count = min(len(a), len(b))
    one, other = a[:count], b[:count]
    alike = (one["header_boot_seq"] == other["header_boot_seq"]) & (one["header_tick"] == other["header_tick"])
    return count if alike.all() else int(alike.argmin())


def _paired(a: Rows, b: Rows) -> Paired:
    keys_a, keys_b = _keys(a, b)
    _, of_a, of_b = np.intersect1d(keys_a, keys_b, assume_unique=True, return_indices=True)
    order = np.argsort(of_a)
    only_a, only_b = (np.flatnonzero(~np.isin(one, other)) for one, other in ((keys_a, keys_b), (keys_b, keys_a)))
    return Paired(of_a[order], of_b[order], only_a, only_b)


def _keys(*sides: Rows) -> list[npt.NDArray[np.uint64]]:
    """A number for each frame, the same for frames of one boot, tick and place among their like on their side."""
    boots, ticks = (np.concatenate([side[name] for side in sides]) for name in ("header_boot_seq", "header_tick"))
    order = np.lexsort((ticks, boots))
    is_new = np.ones(len(order), bool)
    is_new[1:] = (boots[order][1:] != boots[order][:-1]) | (ticks[order][1:] != ticks[order][:-1])
    groups = np.empty(len(order), np.uint64)
    groups[order] = np.cumsum(is_new)
    found, start = [], 0
    for side in sides:
        group = groups[start : start + len(side)]
        found.append(group << np.uint64(32) | _places(group))
        start += len(side)
    return found


def _places(groups: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """How many of its group stand before each."""
    order = np.argsort(groups, kind="stable")
    ranks = np.arange(len(order), dtype=np.uint64)
    is_new = np.ones(len(order), bool)
    is_new[1:] = groups[order][1:] != groups[order][:-1]
    places = np.empty(len(order), np.uint64)
    places[order] = ranks - np.maximum.accumulate(np.where(is_new, ranks, 0))
    return places
