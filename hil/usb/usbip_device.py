"""A device that a USB/IP server has, for a bus of this process: the client's side, without a kernel; knows no pump."""

import contextlib
import errno
import itertools
import socket
import struct
import threading
from collections.abc import Callable
from typing import Final

from pumpbench.hil.links.errors import RECONNECT, LinkLost, PortBusy, PortMissing
from pumpbench.hil.links.tcp import in_url
from pumpbench.hil.usb import setup, usbip
from pumpbench.hil.usb.descriptors import IN, Speed
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.script import Asking, PeerBroken, Script
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer
from pumpbench.hil.usb.usbip import Command, Op, Said, Status

PATIENCE_S: Final = 5.0
"""For a connection, and for the answer to a control request: Linux's own."""
CHUNK_BYTES: Final = 65536
OUTCOMES: Final[dict[int, Outcome]] = {
    Status.OK: Outcome.DONE,
    Status.SHORT: Outcome.DONE,
    Status.STALL: Outcome.STALL,
    Status.BABBLE: Outcome.BABBLE,
    Status.GONE: Outcome.GONE,
}


class UsbipDevice:
    """Imported at once, and given back by `unplug`; a server that hangs up, or talks nonsense, has unplugged it.

    Any thread may call anything. Raises `PortMissing`, `PortBusy` or `LinkLost`.
    """

    def __init__(self, host: str, port: int, busid: str) -> None:
        self.where = f"usbip://{in_url(host)}:{port}/{busid}"
        self.plugged = False
        self.on_unplug: Callable[[], None] = lambda: None
        self.broken = ""
        """Where it was the server's fault that this ended: how."""
        self._seqnums = itertools.count(1)
        self._under_way: dict[int, Transfer] = {}
        self._unlinking: dict[int, int] = {}
        """Number of the unlinking -> of what it ends."""
        self._over = False
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._connection = _connected(host, port, self.where)
        try:
            self._told = self._imported(host, port, busid)
            self.speed = Speed(self._told.speed)
        except (OSError, struct.error, ValueError) as problem:
            self._connection.close()
            raise PortMissing(self.where, f"no USB/IP server ({problem})", "see what listens there") from problem
        except BaseException:
            self._connection.close()
            raise
        self._connection.settimeout(None)
        self._thread = threading.Thread(target=self._hear, name=f"hears {self.where}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self.where

    def plug(self) -> None:
        with self._changed:
            if self._over:
                raise DeviceGone(self._why())
            self.plugged = True

    def unplug(self) -> None:
        """Hangs up, and waits for nothing."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def reset(self) -> None:
        """Cancels what is under way. USB/IP has no word for the rest: configuring it anew has to do, as it does under Linux."""
        with self._changed:
            waiting = list(self._under_way.values())
        for transfer in waiting:
            self.cancel(transfer)

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        if not self.plugged:
            raise DeviceGone(self._why())
        if (asked.request_type, asked.request) == (0x00, setup.SET_ADDRESS):
            return b""  # between a host and its own bus
        transfer = Transfer(IN if asked.to_host else 0, data, asked.w_length if asked.to_host else 0)
        self._send(transfer, asked.pack())
        if not transfer.wait(PATIENCE_S):
            self.cancel(transfer)
            if transfer.outcome is not Outcome.DONE:
                raise DeviceGone(f"it did not answer a request in {PATIENCE_S:g} s")
        if transfer.outcome is Outcome.STALL:
            raise Stall
        if transfer.outcome is not Outcome.DONE:
            raise DeviceGone(self._why())
        return bytes(transfer.data) if asked.to_host else b""

    def _why(self) -> str:
        return (self.broken or "it hung up") if self._over else "it ended a request with an error"

    def submit(self, transfer: Transfer) -> None:
        """Of an endpoint that is not there the server tells, as a transfer that is cancelled."""
        self._send(transfer, bytes(8))

    def cancel(self, transfer: Transfer) -> None:
        """Waits for the server's word: the transfer may just have ended."""
        with self._changed:
            number = next((number for number, one in self._under_way.items() if one is transfer), None)
            if number is None:
                return
            own = next(self._seqnums)
            self._unlinking[own] = number
        self._write(usbip.UNLINK.pack(Command.CMD_UNLINK, own, self._told.devid, 0, 0, number))
        if not transfer.wait(PATIENCE_S):
            self._finish(number, Outcome.GONE)

    def _send(self, transfer: Transfer, asked: bytes) -> None:
        with self._changed:
            if self._over:
                transfer.end(Outcome.GONE)
                return
            seqnum = next(self._seqnums)
            self._under_way[seqnum] = transfer
        inbound = bool(transfer.address & IN)
        length = transfer.size_bytes if inbound else len(transfer.data)
        flags = usbip.ZERO_PACKET if transfer.ends_short else 0
        head = (Command.CMD_SUBMIT, seqnum, self._told.devid, int(inbound), transfer.address & ~IN)
        message = usbip.SUBMIT.pack(*head, flags, length, 0, 0, 0, asked)
        if not self._write(message + (b"" if inbound else transfer.data)):
            self._finish(seqnum, Outcome.GONE)

    def _write(self, message: bytes) -> bool:
        try:
            with self._sending:
                self._connection.sendall(message)
        except OSError:
            return False
        return True

    def _finish(self, seqnum: int, outcome: Outcome) -> None:
        with self._changed:
            transfer = self._under_way.pop(seqnum, None)
            if transfer is not None:
                transfer.end(outcome)

    def _imported(self, host: str, port: int, busid: str) -> usbip.Exported:
        asked = usbip.OP_HEAD.pack(usbip.VERSION, Op.REQ_IMPORT, 0) + busid.encode().ljust(usbip.BUSID_BYTES, b"\0")
        self._connection.sendall(asked)
        head = usbip.OpHead(*usbip.OP_HEAD.unpack(self._exactly(usbip.OP_HEAD.size)))
        if (head.version, head.code) != (usbip.VERSION, Op.REP_IMPORT):
            what = f"no USB/IP server of version {usbip.VERSION:#06x} (it answers {head.version:#06x} {head.code:#06x})"
            raise PortMissing(self.where, what, "see what listens there")
        if head.status == Said.BUSY:
            raise PortBusy(self.where, "another host or program has it", "detach it there, or wait for it with --wait 10m")
        if head.status != Said.OK:
            what = f"no such device there (status {head.status})"
            raise PortMissing(self.where, what, f"see `usbip --tcp-port {port} list -r {host}`")
        return usbip.Exported(*usbip.EXPORTED.unpack(self._exactly(usbip.EXPORTED.size)))

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            chunk = self._connection.recv(size - len(got))
            if not chunk:
                raise LinkLost(self.where, "it hung up on an import", RECONNECT)
            got += chunk
        return got

    def _hear(self) -> None:
        script = Script(self._asking())
        try:
            while chunk := self._connection.recv(CHUNK_BYTES):
                script.feed(chunk)
        except PeerBroken as problem:
            self.broken = str(problem)
        except OSError as problem:
            self.broken = "" if problem.errno in (errno.ECONNRESET, errno.EPIPE) else str(problem)
        with self._changed:
            self.plugged = False
            self._over = True
            waiting = list(self._under_way)
        self._connection.close()
        for seqnum in waiting:
            self._finish(seqnum, Outcome.GONE)
        self.on_unplug()

    def _asking(self) -> Asking:
        while True:
            raw = yield usbip.MESSAGE_BYTES
            command, seqnum = struct.unpack_from(">II", raw)
            if command == Command.RET_SUBMIT:
                yield from self._ended(usbip.Ended(*usbip.ENDED.unpack(raw)))
            elif command == Command.RET_UNLINK:
                # What had ended by itself was told before this, and is under way no longer.
                self._finish(self._unlinking.pop(seqnum, 0), Outcome.CANCELLED)
            else:
                raise PeerBroken(f"it sends command {command}, expected the end of a transfer (3) or of an unlinking (4)")

    def _ended(self, told: usbip.Ended) -> Asking:
        transfer = self._under_way.get(told.seqnum)
        if transfer is None:
            raise PeerBroken(f"it ends transfer {told.seqnum}, which is not under way")
        inbound = bool(transfer.address & IN)
        if not 0 <= told.length <= (transfer.size_bytes if inbound else len(transfer.data)):
            raise PeerBroken(f"it ends a transfer with {told.length} bytes, more or fewer than it can have")
        if inbound and told.length:
            transfer.data[:] = yield told.length
        transfer.passed = told.length
        self._finish(told.seqnum, OUTCOMES.get(told.status, Outcome.CANCELLED))


def _connected(host: str, port: int, where: str) -> socket.socket:
    try:
        connection = socket.create_connection((host, port), PATIENCE_S)
    except OSError as problem:
        raise PortMissing(where, f"nobody answers ({problem})", "start `pumpbench emulate --usbip` there") from problem
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
