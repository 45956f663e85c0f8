"""Answers requests by what a capture holds: the recorded reply to the same request at the same place, or a refusal to answer.

It invents nothing: every message it gives was recorded, but for the numbers by which a link pairs and counts frames.
"""

from collections.abc import Iterator
from typing import Any, Final

from pumpbench.hil.links import NotOnRecord
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.turns import Turn
from pumpbench.protocol.exchange import SEQ_SPAN, Continuity
from pumpbench.protocol.frame import BadFrame, Frame, device_frame, encode_frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Arm, Identify, Open, RunTo

SAID_MAX: Final = 3
ARMS: Final = layout_of(Arm).number


class Recall:
    """One recording, asked from its beginning on.

    Who arms it is a bench, and is answered only what was asked at that very place: a therapy request byte for byte, since ids
    and sequence are part of a pump's state; a bench request by what it says. Who does not arm it only reads: requests that
    read, and the passing of time, may then lie between one answer and the next.
    """

    def __init__(self, recorded: Recorded, turns: list[Turn], where: str) -> None:
        self._turns = turns
        self._where = where
        self._at = 0
        self._tick = 0
        self._boot = 1
        self._seq = 0
        self._armed = False
        self._continuity = Continuity()
        self._identified = recorded.identified

    def answer(self, asked: Frame | BadFrame) -> bytes:
        """What the device said to this, and unasked before it was asked more. Raises `NotOnRecord`."""
        if isinstance(asked, Frame) and self._may_say_who(asked):
            return self._device_frame(asked, self._identified)
        self._armed = self._armed or (isinstance(asked, Frame) and asked.head[2] == ARMS)
        turn = self._next_exact(asked) if self._armed else self._next_read(asked)
        return b"".join(self._said(turn, asked))

    def _may_say_who(self, asked: Frame) -> bool:
        """A bench asks before its recording begins. On the therapy channel it is a request like any other, part of a state."""
        if not isinstance(asked.message, Identify) or self._identified is None:
            return False
        return not self._armed or bool(asked.head[1] & FLAG_BENCH)

    def credit_end(self, tick: int) -> int | None:
        """To which tick time was granted next on record, where nothing else was asked before."""
        message = _message(self._turns[self._at]) if self._at < len(self._turns) else None
        return message.target_tick if isinstance(message, RunTo) and message.target_tick > tick else None

    def _next_exact(self, asked: Frame | BadFrame) -> Turn:
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if turn is None or not _is_same(turn, asked):
            raise self._not_there(asked, turn)
        self._at += 1
        return turn

    def _next_read(self, asked: Frame | BadFrame) -> Turn:
        """The next place where the same was asked, with nothing in between that changes therapy."""
        for at in range(self._at, len(self._turns)):
            turn = self._turns[at]
            if _says_the_same(turn, asked) and turn.request.reply is not None:
                self._at = at + 1
                return turn
            if not turn.only_reads:
                raise self._not_there(asked, turn)
        raise self._not_there(asked, None)

    def _said(self, turn: Turn, asked: Frame | BadFrame) -> Iterator[bytes]:
        reply = turn.request.reply
        if turn.request.frame is not None and reply is None:
            raise NotOnRecord(self._where, f"{turn.request.name} was asked at tick {self._tick}, but no reply is on record")
        missing = 0
        for frame in turn.frames if reply is None or reply in turn.frames else [*turn.frames, reply]:
            if isinstance(frame, BadFrame):
                yield frame.wire
                continue
            missing += self._continuity.follow(frame.head[6], frame.head[3]).missing_count if self._armed else 0
            # A second reply was to a host that asked again before the first one came.
            if frame is reply or frame.head[4] == 0:
                yield self._renumbered(frame, asked if frame is reply else None, missing)
                missing = 0

    def _renumbered(self, frame: Frame, asked: Frame | BadFrame | None, missing: int) -> bytes:
        """Under the id it is awaited by; a number that is missing on record stays missing."""
        self._boot, self._tick = frame.head[6], frame.head[7]
        header = frame.header._replace(seq=self._counted(missing))
        if isinstance(asked, Frame):
            header = header._replace(request_id=asked.head[4])
        return encode_frame(header, frame.message)

    def _device_frame(self, asked: Frame, message: Any) -> bytes:
        bench = bool(asked.head[1] & FLAG_BENCH)
        return device_frame(message, self._counted(0), asked.head[4], asked.head[5], self._boot, self._tick, bench)

    def _counted(self, missing: int) -> int:
        seq = (self._seq + missing) % SEQ_SPAN
        self._seq = (seq + 1) % SEQ_SPAN
        return seq

    def _not_there(self, asked: Frame | BadFrame, turn: Turn | None) -> NotOnRecord:
        other = None if turn is None else turn.request.frame
        there = "the recording ends there" if turn is None else f"on record {_spoken(other, asked)} comes there"
        return NotOnRecord(self._where, f"{_spoken(asked, other)} at tick {self._tick} cannot be answered: {there}")


def _is_same(turn: Turn, asked: Frame | BadFrame) -> bool:
    there = turn.request.frame
    if isinstance(asked, BadFrame) or there is None or not turn.request.bench:
        return turn.request.wire == asked.wire
    return bool(asked.head[1] & FLAG_BENCH) and there.head[2] == asked.head[2] and there.message == asked.message


def _says_the_same(turn: Turn, asked: Frame | BadFrame) -> bool:
    there = turn.request.frame
    if there is None or isinstance(asked, BadFrame) or (there.head[1] ^ asked.head[1]) & FLAG_BENCH:
        return False
    if isinstance(asked.message, Open) and isinstance(there.message, Open):
        return (asked.message.serial, asked.message.role) == (there.message.serial, there.message.role)
    return there.head[2] == asked.head[2] and bool(there.message == asked.message)


def _message(turn: Turn) -> Any:
    return None if turn.request.frame is None else turn.request.frame.message


def _spoken(asked: Frame | BadFrame | None, beside: Frame | BadFrame | None) -> str:
    """A request, and where both are of one kind what it says otherwise than the one beside it."""
    if asked is None or isinstance(asked, BadFrame):
        return "noise"
    name = type(asked.message).__name__
    if not isinstance(beside, Frame) or beside.head[2] != asked.head[2] or not hasattr(type(asked.message), "__layout__"):
        return name
    fields = [one.name for one in layout_of(type(asked.message)).fields]
    said = [f"{one}={getattr(asked.message, one)}" for one in fields if _differs(asked, beside, one)]
    if asked.head[4:6] != beside.head[4:6]:
        said += [f"request_id={asked.head[4]}", f"session={asked.head[5]}"]
    return f"{name}({', '.join(said[:SAID_MAX])}{', ...' if len(said) > SAID_MAX else ''})"


def _differs(one: Frame, other: Frame, field: str) -> bool:
    return bool(getattr(one.message, field) != getattr(other.message, field))
