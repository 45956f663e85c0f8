"""Puts what two threads see pass into the one order of a recording; knows directions and times, and no link."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pumpbench.hil.links import INBOUND, OUTBOUND, Direction, Sink


@dataclass(slots=True)
class _Place:
    direction: Direction
    t_ns: int
    data: bytes | None = None


class Journal:
    """Laws: times never fall, and what was sent stands before what answers it.

    A write takes its place when it begins and is known when it ends; whatever comes meanwhile waits behind it here, not on its
    way to the programmer.
    """

    def __init__(self, sink: Sink, clock_ns: Callable[[], int], on_connection: Callable[[bool, int], None] | None = None) -> None:
        self._sink = sink
        self._on_connection = on_connection
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._waiting: deque[_Place] = deque()

    def heard(self, data: bytes) -> None:
        """What the pump said, before it is passed on."""
        with self._lock:
            self._waiting.append(_Place(INBOUND, self._clock_ns(), data))
            self._hand_over()

    def telling(self) -> _Place:
        """Takes the place of what is about to be told to the pump."""
        with self._lock:
            place = _Place(OUTBOUND, self._clock_ns())
            self._waiting.append(place)
            return place

    def told(self, place: _Place, data: bytes) -> None:
        """`data`: as much of it as passed."""
        with self._lock:
            place.data = data
            self._hand_over()

    def connected(self, there: bool) -> None:
        """A programmer came, or left. Only whoever tells may say so, between two of its writes: then nothing waits here."""
        with self._lock:
            if self._on_connection is not None:
                self._on_connection(there, self._clock_ns())

    def _hand_over(self) -> None:
        while self._waiting and (data := self._waiting[0].data) is not None:
            place = self._waiting.popleft()
            if data:
                self._sink(place.direction, place.t_ns, data)
