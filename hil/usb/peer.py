"""One socket and the conversation on it, on a thread of its own with bounded waits; knows no word of what is said."""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from pumpbench.hil.links.descriptor import Descriptor
from pumpbench.hil.links.errors import LinkError, LinkStalled
from pumpbench.hil.usb.script import PeerBroken

MESSAGE_S: Final = 10.0
"""For each piece of a message, once it is begun: who takes longer keeps others waiting, or is no such peer at all."""


class Talk(Protocol):
    """What happens on the socket; one thread calls all of it."""

    ended: bool

    @property
    def busy(self) -> bool:
        """The other side owes us bytes."""
        ...

    @property
    def taken_count(self) -> int:
        """Rises with each piece that it owed us and gave."""
        ...

    def received(self, data: bytes) -> None:
        """Raises `PeerBroken`."""
        ...

    def outgoing(self) -> bytes:
        """Everything there is to send, each byte once."""
        ...

    def left(self) -> None:
        """Nothing more comes, and nothing more goes."""
        ...


class Peer:
    """Serves until either side ends, or `close`. `told`: gets one line where the other side is at fault. `on_end` comes last."""

    def __init__(
        self,
        connection: socket.socket,
        where: str,
        make_talk: Callable[[Callable[[], None]], Talk],
        told: Callable[[str], None],
        on_end: Callable[["Peer"], None],
    ) -> None:
        self.where = where
        self._connection = connection
        connection.setblocking(False)
        self._descriptor = Descriptor(connection.fileno(), where)
        self._sleeping, self._rouse = os.pipe()
        for end in (self._sleeping, self._rouse):
            os.set_blocking(end, False)
        self._door = threading.Lock()
        self._open = True
        self._told = told
        self._on_end = on_end
        self._talk = make_talk(self.wake)
        self._thread = threading.Thread(target=self._run, name=f"serves {where}", daemon=True)

    def start(self) -> None:
        """Once whoever made it knows of it."""
        self._thread.start()

    def wake(self) -> None:
        """From any thread: there may be something outgoing."""
        if threading.current_thread() is not self._thread:
            with self._door, contextlib.suppress(BlockingIOError):
                if self._open:
                    os.write(self._rouse, b".")

    def close(self) -> None:
        """Hangs up. Not from its own thread."""
        with self._door:
            if self._open:
                _hang_up(self._connection)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._serve()
        except PeerBroken as problem:
            self._told(f"{self.where}: {problem}; hung up on it")
        except LinkError as problem:
            # That a peer leaves between two messages is no news.
            if self._talk.busy or isinstance(problem, LinkStalled):
                self._told(str(problem))
        finally:
            self._end()

    def _serve(self) -> None:
        awake = select.poll()
        for fd in (self._connection.fileno(), self._sleeping):
            awake.register(fd, select.POLLIN)
        deadline_s, taken_count = 0.0, -1
        while True:
            if data := self._talk.outgoing():
                self._descriptor.write(data)
            if self._talk.ended:
                return
            if not self._talk.busy:
                taken_count = -1
            elif self._talk.taken_count != taken_count:
                deadline_s, taken_count = time.monotonic() + MESSAGE_S, self._talk.taken_count
            ready = awake.poll(None if taken_count < 0 else max(0.0, (deadline_s - time.monotonic()) * 1000))
            if not ready:
                raise PeerBroken(f"the rest of a message did not come within {MESSAGE_S:g} s")
            for fd, _ in ready:
                if fd == self._sleeping:
                    os.read(fd, 4096)
                elif data := self._descriptor.read(0):
                    self._talk.received(data)

    def _end(self) -> None:
        with self._door:
            self._open = False
            os.close(self._sleeping)
            os.close(self._rouse)
        self._talk.left()
        _hang_up(self._connection)
        self._connection.close()
        self._on_end(self)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
