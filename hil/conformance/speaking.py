"""Bytes and frames between a host and one device, each reply awaited by its id; it knows no pump and no level."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from pumpbench.hil.conformance.result import Unmet
from pumpbench.hil.conformance.tally import Tally
from pumpbench.hil.errors import NoAnswer
from pumpbench.hil.links import Link
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, host_frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identify, Open

ANSWER_S: Final = 2.0
"""How long a reply may take before the device is asked whether it still lives."""
TRIES: Final = 3
MARKS: Final = 0xE000_0000
"""Ids of the frames that end an exchange; a check's own stay far below."""

Event = Frame | BadFrame


class Speaker:
    """Ids rise on both channels. `tick`: of the last frame the device sent; `session` goes into therapy frames.

    `unasked`: frames that came without being asked for; `strays`: replies that nothing awaited.
    """

    def __init__(self, link: Link, tally: Tally) -> None:
        self.link = link
        self.tally = tally
        self.tick = self.session = 0
        self.unasked: list[Frame] = []
        self.strays: list[Frame] = []
        self._bench_id = self._therapy_id = self._seq = 0
        self._mark = MARKS
        self._decoder = Decoder(from_device=True)
        self._heard: list[Event] = []

    def exchange(self, *chunks: bytes) -> list[Event]:
        """Everything the device says to these bytes, good or bad, up to the answer to an `Identify` sent after them."""
        for chunk in chunks:
            self.link.write(chunk)
            if len(chunks) > 1:
                self._take(0.0)
        self._mark += 1
        mark = host_frame(Identify(), self._next_seq(), self._mark)
        heard: list[Event] = []
        for attempt in range(TRIES):
            self.link.write(mark)
            deadline_s = time.monotonic() + ANSWER_S
            while (left_s := deadline_s - time.monotonic()) > 0:
                for event in self._read(left_s):
                    if isinstance(event, Frame) and event.head[4] == self._mark:
                        self.tally.repeated_requests += attempt
                        return heard
                    heard.append(event)
        where = self.link.url
        raise NoAnswer(where, f"no reply to Identify in {ANSWER_S * TRIES:g} s", "see whether the device still runs")

    def frame(self, message: Any, request_id: int | None = None, session: int | None = None, bench: bool | None = None) -> bytes:
        """The request as a frame, under the next id of its channel and in the session that is open unless told otherwise."""
        on_bench = layout_of(type(message)).channel == "bench" if bench is None else bench
        if request_id is None:
            request_id = self.next_id(on_bench)
        if session is None:
            session = 0 if on_bench or isinstance(message, Open) else self.session
        return host_frame(message, self._next_seq(), request_id, session, on_bench)

    def next_id(self, bench: bool = False) -> int:
        """The id that the next request of a channel gets."""
        if bench:
            self._bench_id += 1
            return self._bench_id
        self._therapy_id += 1
        return self._therapy_id

    def rise_above(self, request_id: int) -> None:
        """Later therapy requests get higher ids."""
        self._therapy_id = max(self._therapy_id, request_id)

    def send(self, wire: bytes) -> Frame:
        """The reply to one request, by its id; what comes unasked before it is kept in `unasked`.

        A reply that stays away is asked for once more, byte for byte; where that brings nothing and the device yet answers
        `Identify`, it is `Unmet`.
        """
        asked = Decoder(from_device=False).feed(wire)[0]
        head: Any = asked.head if isinstance(asked, Frame) else asked.header
        key = head[4], head[1] & FLAG_BENCH
        for attempt in range(2):
            self.link.write(wire)
            reply = self._await(key)
            if reply is not None:
                self.tally.repeated_requests += attempt
                return reply
        late = [one for one in self.exchange() if isinstance(one, Frame) and one.head[4] == key[0]]
        if late:
            return late[0]
        raise Unmet(f"the reply to {_name(asked)}", "nothing", "one frame", self.tick)

    def _await(self, key: tuple[int, int]) -> Frame | None:
        deadline_s = time.monotonic() + ANSWER_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            found = None
            for event in self._read(left_s):
                if isinstance(event, BadFrame):
                    continue
                if found is None and (event.head[4], event.head[1] & FLAG_BENCH) == key:
                    found = event
                else:
                    (self.strays if event.head[4] else self.unasked).append(event)
            if found is not None:
                return found
        return None

    def hear(self, timeout_s: float) -> list[Event]:
        """What comes without being asked for, waiting at most so long for the first of it."""
        kept: list[Event] = [*self.unasked]
        self.unasked.clear()
        return [*kept, *self._read(0.0 if kept else timeout_s)]

    def _read(self, timeout_s: float) -> list[Event]:
        self._take(timeout_s)
        heard, self._heard = self._heard, []
        return heard

    def _take(self, timeout_s: float) -> None:
        events = self._decoder.feed(self.link.read(timeout_s))
        frames = [one for one in events if isinstance(one, Frame)]
        self.tick = frames[-1].head[7] if frames else self.tick
        self._heard = [*self._heard, *events]

    def _next_seq(self) -> int:
        self._seq = (self._seq + 1) & 0xFFFF
        return self._seq


def _name(event: Event) -> str:
    message = None if isinstance(event, BadFrame) else event.message
    return type(message).__name__ if message is not None else "a frame"


def messages(events: Iterable[Event], kind: type) -> list[Any]:
    """The messages of one kind among what was heard."""
    return [one.message for one in events if isinstance(one, Frame) and isinstance(one.message, kind)]
