"""The host's side of a port named by a pyserial URL; knows how to open one politely, and nothing of what is said on it."""

import errno
import io
import os
import socket
import stat
import termios
import time
from typing import Any

import serial

from pumpbench.hil.links.descriptor import Descriptor
from pumpbench.hil.links.errors import RECONNECT, LinkError, LinkLost, LinkStalled, PortBusy, PortDenied, PortMissing, UrlInvalid
from pumpbench.hil.links.holders import Holder, eavesdroppers, holders
from pumpbench.hil.links.link import READ_BYTES_MAX, STALL_S, Link
from pumpbench.hil.links.rawtty import make_raw
from pumpbench.hil.links.rivals import rivals

BAUD_DEFAULT = 115200
# Ports without a descriptor (loop://, rfc2217://) wait inside pyserial in slices, because changing its timeout
# renegotiates the port; and take a write in slices, because loop:// refuses one that its baud rate makes long.
SLICE_S = 0.01
SLICE_BYTES = 1024

MODEM = "ttyACM"
"""What Linux calls a port of that class; those of adapters, whose DTR is a wire to the board, are called otherwise."""

ANOTHER = "end it, or choose another port"

DENIED = (errno.EACCES, errno.EPERM)
BUSY = (errno.EBUSY, errno.EAGAIN)


class SerialLink(Link):
    """A device path, or a `socket://host:port`, `rfc2217://host:port` or `loop://` URL, 8N1, raw and exclusive.

    DTR and RTS stay as the system leaves them, and closing does not hang up, but on a port of USB's own modem class: there
    DTR says no more than that somebody is here, which has to end with him. What arrived before the opening is dropped.
    `baud` is ignored by ptys and sockets. Raises `UrlInvalid`, `PortMissing`, `PortDenied`, `PortBusy`.
    """

    def __init__(self, url: str, baud: int = BAUD_DEFAULT) -> None:
        self._url = url
        self._port: Any = _make_port(url, baud)
        try:
            self._port.open()
            self._descriptor = self._polite_descriptor()
        except (OSError, termios.error) as problem:
            self._port.close()
            raise _refusal(url, OSError(*problem.args)) from problem
        # Its lock keeps out those alone who ask for one.
        if "://" not in url and (others := eavesdroppers(url)):
            self._port.close()
            raise _held(url, others)
        if _is_modem(url) and (by := rivals(url)) is not None:
            self._port.close()
            raise PortBusy(url, f"its pump has a session already, through the interface for frames{_by(by)}", ANOTHER)

    @property
    def url(self) -> str:
        return self._url

    def write(self, data: bytes) -> None:
        if self._descriptor is not None:
            return self._descriptor.write(data)
        for start in range(0, len(data) or 1, SLICE_BYTES):
            try:
                self._port.write(data[start : start + SLICE_BYTES])
            except serial.SerialTimeoutException as problem:
                raise LinkStalled(
                    self._url, f"took no byte for {STALL_S:g} s", "see why the other side does not read", start
                ) from problem
            except OSError as problem:
                raise self._lost(problem, start) from problem
        return None

    def read(self, timeout_s: float) -> bytes:
        if self._descriptor is not None:
            return self._descriptor.read(timeout_s)
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                chunk = self._read_slice(deadline)
            except OSError as problem:  # pyserial's own exception is one too
                raise self._lost(problem) from problem
            if chunk or time.monotonic() >= deadline:
                return chunk

    def close(self) -> None:
        # Writes and reads that come later find no descriptor and a port that says it is closed.
        self._descriptor = None
        self._port.close()

    def set_rate(self, baud: int) -> bool:
        """False where the port cannot have it, or is none of wires; a pty takes any, and is none the slower."""
        try:
            self._port.baudrate = baud
            if self._descriptor is not None and os.isatty(self._descriptor.fd):
                make_raw(self._descriptor.fd, hang_up=_is_modem(self._url))  # pyserial has settings of its own
        except (OSError, ValueError, termios.error):
            return False
        return True

    def set_break(self, on: bool) -> bool:
        """Holds the line low, or lets go of it. False where there is no line."""
        try:
            self._port.break_condition = on
        except (OSError, termios.error):
            return False
        return True

    def _read_slice(self, deadline: float) -> bytes:
        if not self._port.is_open:
            raise serial.PortNotOpenError()
        waiting = min(self._port.in_waiting, READ_BYTES_MAX)
        if not waiting and time.monotonic() >= deadline:
            return b""
        return bytes(self._port.read(waiting or 1))

    def _lost(self, problem: OSError, passed: int = 0) -> LinkLost:
        return LinkLost(self._url, f"the port failed ({problem})", RECONNECT, passed)

    def _polite_descriptor(self) -> Descriptor | None:
        """The port's own descriptor where it has one: one poll and one read a chunk, and no copy of pyserial's in between."""
        try:
            fd = self._port.fileno()
        except io.UnsupportedOperation:
            return None
        if os.isatty(fd):
            make_raw(fd, hang_up=_is_modem(self._url))
        else:
            _send_at_once(fd)
        return Descriptor(fd, self._url)


def _is_modem(url: str) -> bool:
    return os.path.basename(os.path.realpath(url)).startswith(MODEM)


def _send_at_once(fd: int) -> None:
    """Without this a second small write waits for the first one's acknowledgement, up to 40 ms."""
    with socket.socket(fileno=os.dup(fd)) as same:
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _make_port(url: str, baud: int) -> Any:
    try:
        port = serial.serial_for_url(
            url, baudrate=baud, timeout=SLICE_S, write_timeout=_write_timeout_s(url), exclusive=True, do_not_open=True
        )
    except ValueError as problem:
        raise UrlInvalid(url, f"not a port this can open ({problem})", "try a device path, socket:// or rfc2217://") from problem
    # pyserial would raise both lines itself on opening, and on some boards that is a reset.
    port._update_dtr_state = port._update_rts_state = lambda: None
    return port


def _write_timeout_s(url: str) -> float | None:
    """rfc2217:// refuses to have one; its socket has a limit of its own."""
    return None if url.lower().startswith("rfc2217://") else STALL_S


def _refusal(url: str, problem: OSError) -> LinkError:
    """The kind of `LinkError` that tells the reader what to do about a port that did not open."""
    if problem.errno in DENIED:
        return PortDenied(url, "this user may not open it", "join its group (often: adduser $USER dialout), log in again")
    if problem.errno in BUSY:
        return _held(url, holders(url))
    if "://" in url:
        return PortMissing(url, f"nobody answers ({problem})", "start the other side, or check host and port")
    if os.path.exists(url) and not stat.S_ISCHR(os.stat(url).st_mode):
        return UrlInvalid(url, "exists but is no serial port", "give a device path such as /dev/ttyACM0")
    if os.path.exists(url):
        return PortMissing(url, f"fails as a serial port ({problem})", "plug it in again, or choose another")
    return PortMissing(url, "no such port", f"plug it in, or choose one of: {_ports_seen()}")


def _held(url: str, by: list[Holder]) -> PortBusy:
    who = "; ".join(map(str, by)) or "a process this user cannot see"
    return PortBusy(url, f"held by {who}", ANOTHER)


def _by(others: list[Holder]) -> str:
    return f" of {'; '.join(map(str, others))}" if others else ""


def _ports_seen() -> str:
    from serial.tools import list_ports  # late: only an error needs it

    return ", ".join(sorted(port.device for port in list_ports.comports())) or "none seen on this machine"
