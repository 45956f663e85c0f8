"""Counts what passed between host and device, by message and refusal, from the bytes themselves; it judges nothing."""

from __future__ import annotations

from collections import Counter

from pumpbench.hil.links import OUTBOUND, Direction
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import BadFrame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY, Refused


class Tally:
    """`messages` and `refusals`: how often each passed, by name. `bad_frames` and `missing_frames`: of the device."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.frames = self.ticks = self.bad_frames = self.missing_frames = self.repeated_requests = 0
        self._decoders = {True: Decoder(from_device=False), False: Decoder(from_device=True)}
        self._continuity = Continuity()

    def take(self, direction: Direction, t_ns: int, payload: bytes) -> None:
        """A chunk that passed a tap."""
        ours = direction == OUTBOUND
        for event in self._decoders[ours].feed(payload):
            if isinstance(event, BadFrame):
                self.bad_frames += not ours
                continue
            self.frames += 1
            self.messages[type(event.message).__name__] += 1
            if not ours:
                self.missing_frames += self._continuity.follow(event.head[6], event.head[3]).missing_count
                if isinstance(event.message, Refused):
                    self.refusals[Refusal.name_of(event.message.refusal)] += 1

    @property
    def losses(self) -> int:
        """What shows that the link is not to be trusted; meant sabotage does not count, for its frames are ours."""
        return self.bad_frames + self.missing_frames + self.repeated_requests

    def untold(self) -> tuple[list[str], list[str]]:
        """Names of the messages and of the refusals that never passed."""
        messages = [layout_of(cls).name for cls in REGISTRY if layout_of(cls).name not in self.messages]
        refusals = [name for name, value in Refusal.items() if value != Refusal.NONE and name not in self.refusals]
        return messages, refusals
