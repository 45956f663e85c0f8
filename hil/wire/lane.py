"""One direction of a faulty wire: what becomes of each frame, and where its bytes went; it moves none itself."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from pumpbench.hil.links import Direction
from pumpbench.hil.wire.fault import Fault, Wire
from pumpbench.hil.wire.garble import flipped, heard_at

Told = Callable[[Fault, bytes], None]
"""Called with a fault and the frame it is about to act on."""


@dataclass(slots=True)
class Counts:
    """Bytes of one direction. Law: fed + added == passed + lost + held."""

    fed_bytes: int = 0
    passed_bytes: int = 0
    lost_bytes: int = 0
    added_bytes: int = 0
    held_bytes: int = 0
    frames: int = 0


@dataclass(slots=True)
class Cut:
    """How many frames are still lost to a cut, whichever way they go: both directions share one."""

    frames_left: int = 0


class Lane:
    """Bytes in, chunks out, in the order in which they arrive at the other side."""

    def __init__(self, direction: Direction, wire: Wire, cut: Cut, told: Told) -> None:
        self.direction = direction
        self.counts = Counts()
        self.faults: defaultdict[int, list[Fault]] = defaultdict(list)
        for fault in wire.faults:
            if fault.direction == direction:
                self.faults[fault.frame_index].append(fault)
        self._cut = cut
        self._told = told
        self._held: list[tuple[int, bytes]] = []

    def exact(self, unit: bytes) -> list[bytes]:
        """A unit that is no therapy frame."""
        self.counts.fed_bytes += len(unit)
        self.counts.passed_bytes += len(unit)
        return [unit]

    def pass_on(self, frame: bytes) -> list[bytes]:
        """A therapy frame, through whatever was placed on it."""
        counts, index = self.counts, self.counts.frames
        counts.frames += 1
        counts.fed_bytes += len(frame)
        chunks = [frame]
        if self._cut.frames_left:
            self._cut.frames_left -= 1
            self._told(Fault(kind="cut", direction=self.direction, frame_index=index), frame)
            chunks = self._account(chunks, [])
        for fault in self.faults.get(index, ()):
            if chunks:
                self._told(fault, frame)
                chunks = self._act(fault, chunks)
        chunks += self._released(index)
        counts.passed_bytes += sum(map(len, chunks))
        return [chunk for chunk in chunks if chunk]

    def _act(self, fault: Fault, chunks: list[bytes]) -> list[bytes]:
        match fault.kind:
            case "drop":
                return self._account(chunks, [])
            case "duplicate":
                return self._account(chunks, chunks * (1 + fault.copies))
            case "flip":
                return self._account(chunks, [flipped(chunk, fault.bit) for chunk in chunks])
            case "baud":
                return self._account(chunks, [heard_at(chunk, fault.percent) for chunk in chunks])
            case "cut":
                self._cut.frames_left = max(self._cut.frames_left, fault.frames)
                return self._account(chunks, [chunks[0][: fault.byte]])
            case _:
                self._held += [(fault.frame_index + fault.frames, chunk) for chunk in chunks]
                self.counts.held_bytes += sum(map(len, chunks))
                return []

    def _account(self, before: list[bytes], after: list[bytes]) -> list[bytes]:
        more = sum(map(len, after)) - sum(map(len, before))
        self.counts.added_bytes += max(0, more)
        self.counts.lost_bytes += max(0, -more)
        return after

    def _released(self, index: int) -> list[bytes]:
        """What was held back long enough; a line that is cut loses it."""
        due = [chunk for last, chunk in self._held if last <= index]
        self._held = [held for held in self._held if held[0] > index]
        self.counts.held_bytes -= sum(map(len, due))
        return self._account(due, []) if self._cut.frames_left else due
