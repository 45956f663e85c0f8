"""Pairs what two devices sent unasked: by channel, type, boot, tick and place among their like there; it compares nothing."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH

Key = tuple[bool, int, int, int]


class Pairing(NamedTuple):
    """What one frame is to the recording: `theirs` None: extra. `late`: a credit beyond its tick had been answered already."""

    theirs: Frame | None
    late: bool


class Unasked:
    """`expected`: those on record. Chunks, and the order between types, are the link's."""

    def __init__(self, expected: Iterable[Frame]) -> None:
        self._expected: dict[Key, list[Frame]] = {}
        for frame in expected:
            self._expected.setdefault(_key(frame), []).append(frame)
        self._seen: defaultdict[Key, int] = defaultdict(int)
        self._answered_tick = 0

    def answered(self, tick: int) -> None:
        """Says that a credit to `tick` was answered and all that came before that answer was paired."""
        self._answered_tick = tick

    def pair(self, ours: Frame) -> Pairing:
        key = _key(ours)
        place = self._seen[key]
        self._seen[key] += 1
        theirs = self._expected.get(key, [])
        return Pairing(theirs[place] if place < len(theirs) else None, ours.head[7] < self._answered_tick)

    def left(self) -> list[Frame]:
        """Those on record that nothing was paired with."""
        return [frame for key, frames in self._expected.items() for frame in frames[self._seen[key] :]]


def _key(frame: Frame) -> Key:
    return bool(frame.head[1] & FLAG_BENCH), frame.head[2], frame.head[6], frame.head[7]
