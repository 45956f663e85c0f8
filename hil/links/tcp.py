"""A TCP port the device serves on, for one host at a time; knows nothing of what is said on it."""

import contextlib
import errno
import select
import socket
import threading
import time

from pumpbench.hil.links.descriptor import Descriptor
from pumpbench.hil.links.errors import LinkError, LinkLost, PortBusy, PortDenied, PortMissing
from pumpbench.hil.links.link import ServingLink

LOOPBACK = "127.0.0.1"


class TcpLink(ServingLink):
    """Listens on `host`:`port` (0: any free port) and serves whoever connects first; a second host is turned away.

    There is no authentication on the wire, so anything but loopback must be asked for by name.
    Raises `PortBusy`, `PortDenied` or `PortMissing` when it cannot listen there.
    """

    def __init__(self, host: str = LOOPBACK, port: int = 0) -> None:
        self._listener = listen(host, port)
        self._listener.setblocking(False)
        self._url = "socket://{}:{}".format(*self._listener.getsockname()[:2])
        self._client: socket.socket | None = None
        self._descriptor: Descriptor | None = None
        self._door = threading.Lock()

    @property
    def url(self) -> str:
        return self._url

    @property
    def attached(self) -> bool:
        if self._descriptor is None:
            self._answer()
        return self._descriptor is not None and not self._descriptor.hung_up()

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            # What a host that left had said comes before the next host is let in.
            chunk = self._take()
            self._answer()
            left_s = deadline - time.monotonic()
            if chunk or left_s <= 0:
                return chunk
            self._wait(left_s)

    def write(self, data: bytes) -> None:
        if self._descriptor is None:
            self._answer()
        if self._descriptor is not None:
            with contextlib.suppress(LinkLost):
                self._descriptor.write(data)

    def close(self) -> None:
        self._see_client_off()
        self._listener.close()

    def _wait(self, timeout_s: float) -> None:
        """Until the host says something, or a new one knocks."""
        ready = select.poll()
        ready.register(self._listener, select.POLLIN)
        if self._client is not None:
            ready.register(self._client, select.POLLIN)
        ready.poll(timeout_s * 1000)

    def _take(self) -> bytes:
        if self._descriptor is None:
            return b""
        try:
            return self._descriptor.read(0)
        except LinkLost:
            self._see_client_off()
            return b""

    def _answer(self) -> None:
        """Lets in whoever knocks: the first stays, the others are shut out at once rather than left waiting."""
        # The thread that reads and the one that writes may both find nobody here.
        with self._door:
            client = self._knock()
            if client is None:
                return
            if self._client is not None:
                client.close()
                return
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client, self._descriptor = client, Descriptor(client.fileno(), self._url)

    def _knock(self) -> socket.socket | None:
        try:
            return self._listener.accept()[0]
        except (BlockingIOError, ConnectionAbortedError):
            return None
        except OSError as problem:
            what = "this link was closed here" if self._listener.fileno() < 0 else f"cannot accept ({problem.strerror})"
            raise LinkError(self._url, what, "open a new one") from problem

    def _see_client_off(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._descriptor = None


def in_url(host: str) -> str:
    """An address of IPv6 stands in brackets there."""
    return f"[{host}]" if ":" in host else host


def listen(host: str, port: int, scheme: str = "socket") -> socket.socket:
    """Raises `PortBusy`, `PortDenied` or `PortMissing`, which name the place by `scheme`."""
    where = f"{scheme}://{in_url(host)}:{port}"
    if not 0 <= port <= 65535:
        raise PortMissing(where, "a TCP port is 0 to 65535", "choose one, or 0 for any free port")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise PortBusy(where, "somebody already listens there", "choose another port, or 0 for any free one") from problem
        if problem.errno in (errno.EACCES, errno.EPERM):
            raise PortDenied(where, "this user may not listen there", "choose a port above 1023") from problem
        # Python adds the address to the system's words, where it has none of its own for the number.
        why = (problem.strerror or str(problem)).partition(" (while")[0]
        raise PortMissing(where, f"cannot listen ({why})", "choose an address of this machine") from problem
