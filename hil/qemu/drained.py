"""A link to an emulated board's line that is read at all times, because QEMU stands still once nobody does."""

import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from pumpbench.hil.links.descriptor import Descriptor
from pumpbench.hil.links.errors import LinkError, LinkLost, LinkStalled
from pumpbench.hil.links.link import READ_BYTES_MAX, Link

WAITING_BYTES_MAX: Final = 1 << 26
LOOK_S: Final = 0.5
LOOK_AGAIN_S: Final = 0.001
RESTART: Final = "start it anew"


class DrainedLink(Link):
    """Over a connected socket. `epitaph` says how the other side ended, asked once it is gone."""

    def __init__(self, connected: socket.socket, where: str, epitaph: Callable[[], str]) -> None:
        self._url = where
        self._socket = connected
        self._epitaph = epitaph
        connected.setblocking(False)
        self._descriptor = Descriptor(connected.fileno(), where)
        self._arrived = select.poll()
        self._arrived.register(connected.fileno(), select.POLLIN)
        self._waiting = bytearray()
        self._arrival = threading.Condition()
        self._closed = threading.Event()
        self._gone: LinkError | None = None
        self._thread = threading.Thread(target=self._drain, name=f"drains {where}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return self._url

    def write(self, data: bytes) -> None:
        if self._closed.is_set():
            raise self._descriptor.lost("this link was closed here")
        try:
            self._descriptor.write(data)
        except LinkLost as problem:
            raise LinkLost(self._url, self._epitaph(), RESTART, problem.passed_bytes) from problem

    def read(self, timeout_s: float) -> bytes:
        deadline = 0.0
        with self._arrival:
            while not self._waiting:
                if self._gone is not None:
                    raise self._gone
                now_s = time.monotonic()
                deadline = deadline or now_s + timeout_s
                # After a bench stood still its time is over, while what came meanwhile still waits to be taken in.
                if now_s >= deadline and not self._arrived.poll(0):
                    return b""
                self._arrival.wait(max(LOOK_AGAIN_S, deadline - now_s))
            chunk = bytes(self._waiting[:READ_BYTES_MAX])
            del self._waiting[:READ_BYTES_MAX]
            return chunk

    def forget(self) -> None:
        """Drops what has arrived and was not read: of a board put back to an earlier state it never happened."""
        with self._arrival:
            self._waiting.clear()

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._end(self._descriptor.lost("this link was closed here"))
        # Wakes the thread at once, and tells the other side before the descriptor may be anybody else's.
        self._shut()
        self._thread.join()
        self._socket.close()

    def _shut(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is gone already

    def _drain(self) -> None:
        while not self._closed.is_set():
            try:
                chunk = self._descriptor.read(LOOK_S)
            except LinkError:
                if self._closed.is_set():
                    return  # by us: nobody has died
                self._end(LinkLost(self._url, self._epitaph(), RESTART))
                return
            with self._arrival:
                self._waiting += chunk
                self._arrival.notify_all()
            if len(self._waiting) > WAITING_BYTES_MAX:
                self._end(LinkStalled(self._url, f"{len(self._waiting)} bytes wait here unread", "read what the board sends"))
                return

    def _end(self, problem: LinkError) -> None:
        with self._arrival:
            self._gone = self._gone or problem
            self._arrival.notify_all()
