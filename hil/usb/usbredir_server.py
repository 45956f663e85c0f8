"""Serves the one device of a bus to QEMU guests by usb-redir, on a socket of its own or one of QEMU's; knows no packet."""

import contextlib
import errno
import os
import shlex
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pumpbench.hil.links.errors import PortBusy, PortDenied, PortMissing, UrlInvalid
from pumpbench.hil.links.tcp import LOOPBACK, listen
from pumpbench.hil.usb.bus import Attachment, Bus
from pumpbench.hil.usb.peer import Peer
from pumpbench.hil.usb.usbredir_host import RedirHost

RETRY_S: Final = 0.1
"""Between two looks whether QEMU listens again."""
UNIX: Final = "unix:"


class RedirServer:
    """One guest after another. `place`: `unix:PATH`, or `HOST:PORT` to listen there.

    Where somebody listens at PATH already (`-chardev socket,server=on`), this side connects, and again whenever that was closed
    and is back; else it listens there itself. A device that is unplugged is told as removed, one that is plugged in again as
    new. `told`: gets one line, from any thread, for each guest that was at fault. Raises `UrlInvalid`, `PortBusy`, `PortDenied`
    or `PortMissing`.
    """

    def __init__(self, bus: Bus, place: str, told: Callable[[str], None] = lambda line: None) -> None:
        self._bus = bus
        self._told = told
        self._said = ""
        self._stopped = threading.Event()
        self._peer: Peer | None = None
        self._door = threading.Lock()
        if place == UNIX:
            raise UrlInvalid(f"usbredir:{place}", "no path to listen at", "write unix:PATH or HOST:PORT")
        self._path = Path(place.removeprefix(UNIX)) if place.startswith(UNIX) else None
        self._listener: socket.socket | None = None
        self.host = LOOPBACK
        self._first: socket.socket | None = None
        if self._path is None:
            self._listener = _listen_tcp(place)
            self.host, port = self._listener.getsockname()[:2]
            self.url = f"usbredir:{self.host}:{port}"
        else:
            self.url = f"usbredir:{place}"
            self._first = _connected(self._path)
            self._listener = None if self._first else _listen_unix(self._path, self.url)
        bus.watchers.append(self._wake)
        self._thread = threading.Thread(target=self._run, name=f"serves {self.url}", daemon=True)
        self._thread.start()

    @property
    def listens(self) -> bool:
        """Else QEMU does."""
        return self._listener is not None

    def close(self) -> None:
        """Hangs up, which is no removal to QEMU: it takes the guest's device away all the same."""
        self._stopped.set()
        if self._wake in self._bus.watchers:
            self._bus.watchers.remove(self._wake)
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            if self._path is not None:
                self._path.unlink(missing_ok=True)
        with self._door:
            peer = self._peer
        if peer is not None:
            peer.close()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            connection = self._next()
            if connection is not None:
                self._serve(connection)
            if self._listener is None:
                self._stopped.wait(RETRY_S)

    def _serve(self, connection: socket.socket) -> None:
        over = threading.Event()
        with self._door:
            # Whoever closes this stops it first, and then looks for a peer.
            if self._stopped.is_set():
                connection.close()
                return
            peer = Peer(connection, self.url, lambda wake: RedirHost(self._present, wake), self._say, lambda _: over.set())
            self._peer = peer
            peer.start()
        over.wait()
        with self._door:
            self._peer = None

    def _next(self) -> socket.socket | None:
        if self._listener is not None:
            try:
                return self._listener.accept()[0]
            except OSError:
                return None  # closed here, or gone before it was let in
        first, self._first = self._first, None
        assert self._path is not None, "who does not listen connects to a path"
        return first or _connected(self._path)

    def _say(self, line: str) -> None:
        """Once where it is the same again: somebody who is at fault is called anew ten times a second."""
        if line != self._said:
            self._said = line
            self._told(line)

    def _present(self) -> Attachment | None:
        return next(iter(self._bus.attached), None)

    def _wake(self) -> None:
        with self._door:
            peer = self._peer
        if peer is not None:
            peer.wake()


def qemu_line(url: str) -> str:
    """The options by which QEMU connects and puts the device on a bus of its own."""
    place = url.removeprefix("usbredir:")
    # QEMU takes a comma in a value where it is doubled.
    path = place.removeprefix(UNIX).replace(",", ",,")
    where = f"path={path}" if place.startswith(UNIX) else "host={},port={}".format(*place.rsplit(":", 1))
    chardev = shlex.quote(f"socket,id=pump,{where}")
    return f"-device qemu-xhci,id=x -chardev {chardev} -device usb-redir,chardev=pump,bus=x.0"


def _listen_tcp(place: str) -> socket.socket:
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal():
        raise UrlInvalid(f"usbredir:{place}", "no place to listen", "write unix:PATH or HOST:PORT")
    return listen(host.strip("[]"), int(port), "usbredir")


def _connected(path: Path) -> socket.socket | None:
    """None where nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _listen_unix(path: Path, url: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
            raise PortBusy(url, "there is such a file, and it is no socket", "choose another name")
        path.unlink(missing_ok=True)  # of somebody who ended without a word: nobody listens there
        listener.bind(str(path))
        os.chmod(path, 0o600)
        listener.listen(1)
    except PortBusy:
        listener.close()
        raise
    except OSError as problem:
        listener.close()
        if problem.errno in (errno.EACCES, errno.EPERM):
            raise PortDenied(url, "this user may not listen there", "choose a folder of your own") from problem
        # Of a path that is too long Python tells no number.
        remedy = "choose a folder that exists" if problem.errno else "choose a shorter path"
        raise PortMissing(url, f"cannot listen there ({problem.strerror or problem})", remedy) from problem
    return listener
