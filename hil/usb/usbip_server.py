"""Serves the devices of a bus by USB/IP, so that the kernel of any Linux host can attach them; knows no pump and no message."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Final

from pumpbench.hil.links.tcp import LOOPBACK, in_url, listen
from pumpbench.hil.usb.bus import Attachment, Bus
from pumpbench.hil.usb.peer import Peer
from pumpbench.hil.usb.usbip import PORT_DEFAULT
from pumpbench.hil.usb.usbip_export import Export, busid_of

EVERY_ADDRESS: Final = ("0.0.0.0", "[::]")
PEERS_MAX: Final = 16
"""At once, with those that only ask for the list."""


class UsbipServer:
    """Each device to one client at a time, and to the next when that leaves; one that is unplugged hangs up on its client.

    There is no authentication, so anything but loopback must be asked for by name. `port` 0: any free one. `told`: gets one line,
    from any thread, for each client that was at fault. Raises `PortBusy`, `PortDenied` or `PortMissing`.
    """

    def __init__(
        self, bus: Bus, host: str = LOOPBACK, port: int = PORT_DEFAULT, told: Callable[[str], None] = lambda line: None
    ) -> None:
        self._bus = bus
        self._told = told
        self._listener = listen(host, port, "usbip")
        self.host, self.port = self._listener.getsockname()[:2]
        self._door = threading.Lock()
        self._peers: set[Peer] = set()
        self._taken: set[int] = set()
        bus.watchers.append(self._wake)
        self._thread = threading.Thread(target=self._answer, name=f"listens on {self.url}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"usbip://{in_url(self.host)}:{self.port}"

    @property
    def devices(self) -> list[str]:
        """A URL for each, as `emulate` announces it."""
        return [f"{self.url}/{busid_of(one)}" for one in self.attached()]

    def close(self) -> None:
        """Hangs up on everybody, who see the cable pulled."""
        if self._wake in self._bus.watchers:
            self._bus.watchers.remove(self._wake)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for peer in self._now():
            peer.close()

    def attached(self) -> list[Attachment]:
        return self._bus.attached

    def take(self, attachment: Attachment) -> bool:
        with self._door:
            if id(attachment) in self._taken:
                return False
            self._taken.add(id(attachment))
            return True

    def give_back(self, attachment: Attachment) -> None:
        with self._door:
            self._taken.discard(id(attachment))

    def _answer(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError:
                return  # closed here
            self._let_in(connection, f"usbip client {address[0]}:{address[1]}")

    def _let_in(self, connection: socket.socket, where: str) -> None:
        with self._door:
            full = len(self._peers) >= PEERS_MAX
        if full:
            self._told(f"{where}: turned away, {PEERS_MAX} others are here already")
            connection.close()
            return
        _settle(connection)
        peer = Peer(connection, where, lambda wake: Export(self, wake), self._told, self._forget)
        with self._door:
            self._peers.add(peer)
            peer.start()

    def _forget(self, peer: Peer) -> None:
        with self._door:
            self._peers.discard(peer)

    def _wake(self) -> None:
        for peer in self._now():
            peer.wake()

    def _now(self) -> list[Peer]:
        with self._door:
            return list(self._peers)


def _settle(connection: socket.socket) -> None:
    """Small messages go at once; a host that lost its power is noticed in half a minute, where the system can."""
    asked = {"TCP_NODELAY": 1, "TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in asked.items():
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def is_loopback(host: str) -> bool:
    """True of an address that nobody outside this machine reaches."""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def attach_line(url: str) -> str:
    """What to type on the host that is to have the device, for one of `devices`; of every address, the name of this machine."""
    where, _, busid = url.removeprefix("usbip://").rpartition("/")
    host, _, port = where.rpartition(":")
    host = socket.gethostname() if host in EVERY_ADDRESS else host
    choose = "" if int(port) == PORT_DEFAULT else f"--tcp-port {port} "
    return f"usbip {choose}attach -r {host.strip('[]')} -b {busid}"
