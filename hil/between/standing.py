"""How far a pump's frames went, by what it said; knows headers, and no message."""

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import Frame


class Standing:
    """Fed with what the pump sends; for a trailer, which shows by it whether the end of a file was cut off."""

    def __init__(self) -> None:
        self.last_tick: int | None = None
        self._decoder = Decoder(from_device=True)
        self._continuity = Continuity()

    @property
    def last_seq(self) -> int | None:
        return None if self._continuity.last is None else self._continuity.last[1]

    def take(self, chunk: bytes) -> None:
        for event in self._decoder.feed(chunk):
            if isinstance(event, Frame):
                self._continuity.follow(event.head[6], event.head[3])
                self.last_tick = max(self.last_tick or 0, event.head[7])
