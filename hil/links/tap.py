"""Hands every chunk that passes a link to a sink, untouched and stamped; it reads no byte and keeps none."""

import time
from collections.abc import Callable

from pumpbench.hil.links.errors import LinkError
from pumpbench.hil.links.link import INBOUND, OUTBOUND, Direction, Link

# direction, nanoseconds, the bytes as they passed
Sink = Callable[[Direction, int, bytes], None]


def steady_clock() -> Callable[[], int]:
    """A clock in ns that starts at the host's wall time and then only moves forward, whatever is done to that wall time."""
    offset_ns = time.time_ns() - time.monotonic_ns()
    monotonic_ns = time.monotonic_ns
    return lambda: offset_ns + monotonic_ns()


class Tap(Link):
    """Records beside a link. Law: the chunks of one direction, joined, are exactly the bytes that passed.

    A write is stamped before it starts, so that its reply is never older, and handed over once it passed: a
    write that failed half-way hands over the half. With `at_device` the link is the device's, and directions turn.
    """

    def __init__(self, link: Link, sink: Sink, clock_ns: Callable[[], int] | None = None, at_device: bool = False) -> None:
        self._link = link
        self._sink = sink
        self._clock_ns = clock_ns or steady_clock()
        self._written: Direction = INBOUND if at_device else OUTBOUND
        self._read: Direction = OUTBOUND if at_device else INBOUND

    @property
    def url(self) -> str:
        return self._link.url

    @property
    def attached(self) -> bool:
        """As the link says; a link that serves nobody is always attached."""
        return bool(getattr(self._link, "attached", True))

    def write(self, data: bytes) -> None:
        t_ns = self._clock_ns()
        try:
            self._link.write(data)
        except LinkError as problem:
            if problem.passed_bytes:
                self._sink(self._written, t_ns, data[: problem.passed_bytes])
            raise
        if data:
            self._sink(self._written, t_ns, data)

    def read(self, timeout_s: float) -> bytes:
        chunk = self._link.read(timeout_s)
        if chunk:
            self._sink(self._read, self._clock_ns(), chunk)
        return chunk

    def close(self) -> None:
        self._link.close()
