"""Two ends joined in memory, for tests and for a device in the same process; knows no descriptor and no port."""

import threading
import time
from collections import deque
from collections.abc import Callable

from pumpbench.hil.links.errors import LinkLost
from pumpbench.hil.links.link import READ_BYTES_MAX, Link


class _Pipe:
    """One direction: an unbounded queue of chunks that either end may close."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.chunks: deque[bytes] = deque()
        self.closed = False


class MemoryLink(Link):
    """One end. With `pump` set, an empty read calls it to let the other side work, and then never waits.

    While it gives True it has more to do, and is called again for as long as the read may take.
    """

    def __init__(self, url: str, incoming: _Pipe, outgoing: _Pipe) -> None:
        self._url = url
        self._incoming = incoming
        self._outgoing = outgoing
        self.pump: Callable[[], bool | None] | None = None

    @property
    def url(self) -> str:
        return self._url

    def write(self, data: bytes) -> None:
        pipe = self._outgoing
        with pipe.changed:
            if pipe.closed:
                raise self._lost()
            if data:
                pipe.chunks.append(data)
                pipe.changed.notify()

    def read(self, timeout_s: float) -> bytes:
        if self.pump is not None:
            if not self._incoming.chunks and self.pump():
                self._work_on(self.pump, time.monotonic() + timeout_s)
            timeout_s = 0.0
        return self._take(timeout_s)

    def close(self) -> None:
        for pipe in (self._incoming, self._outgoing):
            with pipe.changed:
                pipe.closed = True
                pipe.changed.notify_all()

    def _work_on(self, pump: Callable[[], bool | None], deadline: float) -> None:
        while not self._incoming.chunks and time.monotonic() < deadline and pump():
            pass

    def _take(self, timeout_s: float) -> bytes:
        pipe = self._incoming
        deadline = time.monotonic() + timeout_s
        with pipe.changed:
            while not pipe.chunks:
                if pipe.closed:
                    raise self._lost()
                if not pipe.changed.wait(max(0.0, deadline - time.monotonic())):
                    break
            return _joined(pipe.chunks)

    def _lost(self) -> LinkLost:
        return LinkLost(self._url, "one end is closed", "make a new pair")


def _joined(chunks: deque[bytes]) -> bytes:
    """Takes whole chunks up to `READ_BYTES_MAX`; the rest of one that does not fit stays at the head."""
    taken = bytearray()
    while chunks and len(taken) < READ_BYTES_MAX:
        taken += chunks.popleft()
    if len(taken) > READ_BYTES_MAX:
        chunks.appendleft(bytes(taken[READ_BYTES_MAX:]))
        del taken[READ_BYTES_MAX:]
    return bytes(taken)


def memory_pair(name: str = "memory") -> tuple[MemoryLink, MemoryLink]:
    """The host's end and the device's end. Closing either closes both, once what was sent has been read."""
    inbound, outbound = _Pipe(), _Pipe()
    return MemoryLink(f"{name}:host", inbound, outbound), MemoryLink(f"{name}:device", outbound, inbound)
