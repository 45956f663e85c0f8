"""Takes a capture apart into turns: what the host said, and all that the device said before the host spoke again; judges none."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.reader import read
from pumpbench.hil.links import INBOUND
from pumpbench.hil.replay.loader import Loader
from pumpbench.hil.replay.recorded import Recorded, Request
from pumpbench.protocol.frame import BadFrame, Frame

ONLY_READS: Final = frozenset(
    "noise Open Close Identify ReadStatus ReadProgram ReadFlex ReadAlarms ReadLog ReadRecord ReadAccount "
    "Arm Configure ResetToStart RunTo ReadLink ReadSnapshot".split()
)
"""Requests after which therapy goes on as it would have without them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`frames`: good and bad, in the order of the file, the reply among them where it is on record."""

    request: Request
    frames: list[Frame | BadFrame] = field(default_factory=list)

    @property
    def only_reads(self) -> bool:
        return self.request.name in ONLY_READS


def load_turns(path: str | Path) -> tuple[Recorded, list[Turn]]:
    """Raises `CaptureError` when the file cannot be read, never for what is in it: that becomes gaps."""
    loader, turns = Loader(), list[Turn]()
    for item in FrameReader().frames(loader.watched(read(path))):
        loader.see(item)
        if not isinstance(item, FrameAt):
            continue
        if item.record.direction == INBOUND:
            turns[-1:] = [_heard(turn, item) for turn in turns[-1:]]
        elif not _is_impatient(loader.made.requests[-1], turns):
            turns.append(Turn(loader.made.requests[-1]))
    return loader.result(), turns


def _heard(turn: Turn, item: FrameAt) -> Turn:
    turn.frames.append(item.event)
    return turn


def _is_impatient(request: Request, turns: list[Turn]) -> bool:
    """Whether it only asks again for a reply that had not come yet: no turn of its own. Later it is a repetition."""
    return request.retry and bool(turns) and turns[-1].request.wire == request.wire and turns[-1].request.reply is None
