"""One client of a USB/IP server from its first byte to its last: bytes in, bytes out; it opens nothing and waits for nobody."""

import struct
from collections.abc import Callable
from typing import Final, Protocol

from pumpbench.hil.usb import usbip
from pumpbench.hil.usb.bus import Attachment
from pumpbench.hil.usb.descriptors import IN
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.parsing import ConfigurationTree
from pumpbench.hil.usb.remote_host import HELD_BYTES_MAX, RemoteHost
from pumpbench.hil.usb.rules import DescriptorInvalid
from pumpbench.hil.usb.script import Asking, PeerBroken, Script
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer
from pumpbench.hil.usb.usbip import Command, Op, Said, Status

BUS: Final = 1
OUTCOMES: Final = {
    Outcome.DONE: Status.OK,
    Outcome.STALL: Status.STALL,
    Outcome.BABBLE: Status.BABBLE,
    # By the device itself: its endpoint was replaced under it.
    Outcome.CANCELLED: Status.UNLINKED,
    Outcome.GONE: Status.GONE,
}


class Exports(Protocol):
    """What a server has to give away, each device to one client at a time."""

    def attached(self) -> list[Attachment]:
        """What is plugged in now."""
        ...

    def take(self, attachment: Attachment) -> bool:
        """False: another client has it."""
        ...

    def give_back(self, attachment: Attachment) -> None:
        """By whoever took it."""
        ...


class Export:
    """Feed it what came, send what is `outgoing`, again after each `wake`; tell it when the client `left`.

    Raises `PeerBroken` from `received`, and is of no use after. `ended`: the last of its bytes is outgoing, so hang up.
    """

    def __init__(self, exports: Exports, wake: Callable[[], None]) -> None:
        self.ended = False
        self._exports = exports
        self._wake = wake
        self._host: RemoteHost | None = None
        self._devid = 0
        self._resting = False
        self._whole: set[int] = set()
        """Transfers of which a part is an error, to their host."""
        self._outgoing = bytearray()
        self._script = Script(self._asking())

    @property
    def busy(self) -> bool:
        """It owes us the rest of something, so that it can be too slow."""
        return not self._resting or self._script.waiting_bytes > 0

    @property
    def taken_count(self) -> int:
        return self._script.taken_count

    def received(self, data: bytes) -> None:
        self._script.feed(data)
        self.ended = self._script.ended

    def outgoing(self) -> bytes:
        if self._host is not None:
            self._collect(self._host)
            # To a kernel the end of the connection is what pulling a cable is.
            self.ended = self.ended or self._host.gone
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def left(self) -> None:
        if self._host is not None:
            self._host.leave()
            self._exports.give_back(self._host.attachment)
            self._host = None

    def _asking(self) -> Asking:
        head = usbip.OpHead(*usbip.OP_HEAD.unpack((yield usbip.OP_HEAD.size)))
        if head.version != usbip.VERSION:
            raise PeerBroken(f"it speaks version {head.version:#06x} of USB/IP, expected {usbip.VERSION:#06x}")
        if head.code == Op.REQ_DEVLIST:
            self._list()
            return
        if head.code != Op.REQ_IMPORT:
            raise PeerBroken(f"it asks for {head.code:#06x}, expected a list ({Op.REQ_DEVLIST:#06x}) or an import")
        host = self._import(usbip.text_of((yield usbip.BUSID_BYTES)))
        while host is not None:
            self._resting = True
            raw = yield usbip.MESSAGE_BYTES
            self._resting = False
            yield from self._commanded(host, raw)

    def _list(self) -> None:
        found = self._exports.attached()
        self._outgoing += usbip.OP_HEAD.pack(usbip.VERSION, Op.REP_DEVLIST, Said.OK) + usbip.COUNT.pack(len(found))
        for one in found:
            self._outgoing += usbip.EXPORTED.pack(*exported(one))
            for interface in _interfaces(one):
                self._outgoing += usbip.INTERFACE.pack(*interface)

    def _import(self, busid: str) -> RemoteHost | None:
        """None: refused, and said so."""
        wanted = next((one for one in self._exports.attached() if busid_of(one) == busid), None)
        refusal = Said.NO_DEVICE if wanted is None else Said.OK if self._exports.take(wanted) else Said.BUSY
        self._outgoing += usbip.OP_HEAD.pack(usbip.VERSION, Op.REP_IMPORT, refusal)
        if wanted is None or refusal:
            return None
        told = exported(wanted)
        self._outgoing += usbip.EXPORTED.pack(*told)
        self._devid = told.devid
        wanted.device.reset()
        self._host = RemoteHost(wanted, self._wake)
        return self._host

    def _commanded(self, host: RemoteHost, raw: bytes) -> Asking:
        command, _, devid, *_ = struct.unpack_from(">III", raw)
        if devid != self._devid:
            raise PeerBroken(f"it speaks of device {devid:#010x}, and has {self._devid:#010x}")
        if command == Command.CMD_SUBMIT:
            asked = _checked(usbip.Submit(*usbip.SUBMIT.unpack(raw)))
            data = b""
            if asked.length and asked.direction == usbip.TO_DEVICE:
                data = yield asked.length
            if asked.endpoint:
                self._submit(host, asked, data)
            else:
                self._control(host, asked, data)
        elif command == Command.CMD_UNLINK:
            self._unlink(host, usbip.Unlink(*usbip.UNLINK.unpack(raw)))
        else:
            raise PeerBroken(f"it sends command {command}, expected to submit (1) or to unlink (2)")

    def _control(self, host: RemoteHost, asked: usbip.Submit, data: bytes) -> None:
        request = Setup.unpack(asked.setup)
        try:
            answer = host.control(request, data)
        except Stall:
            self._tell(asked.seqnum, Status.STALL)
        except DeviceGone:
            self._tell(asked.seqnum, Status.GONE)
        else:
            if asked.direction == usbip.TO_DEVICE:
                self._tell(asked.seqnum, Status.OK, len(data))
            else:
                answer = answer[: asked.length]
                self._tell(asked.seqnum, Status.OK, len(answer), answer)

    def _submit(self, host: RemoteHost, asked: usbip.Submit, data: bytes) -> None:
        if asked.direction == usbip.TO_HOST:
            transfer = Transfer(asked.endpoint | IN, size_bytes=asked.length)
            if asked.flags & usbip.SHORT_NOT_OK:
                self._whole.add(asked.seqnum)
        else:
            transfer = Transfer(asked.endpoint, data)
            transfer.ends_short = bool(asked.flags & usbip.ZERO_PACKET)
        try:
            host.submit(asked.seqnum, transfer)
        except LookupError:
            self._whole.discard(asked.seqnum)
            self._tell(asked.seqnum, Status.NO_ANSWER)

    def _unlink(self, host: RemoteHost, asked: usbip.Unlink) -> None:
        if cancelled := host.cancel(asked.victim):
            self._whole.discard(asked.victim)
        # What ended just before has to be told first.
        self._collect(host)
        status = Status.UNLINKED if cancelled else Status.OK
        self._outgoing += usbip.UNLINKED.pack(Command.RET_UNLINK, asked.seqnum, 0, 0, 0, status)

    def _collect(self, host: RemoteHost) -> None:
        for seqnum, done in host.ended():
            assert done.outcome is not None, "it has ended"
            status = OUTCOMES[done.outcome]
            if seqnum in self._whole:
                self._whole.discard(seqnum)
                status = Status.SHORT if status == Status.OK and done.passed < done.size_bytes else status
            self._tell(seqnum, status, done.passed, bytes(done.data) if done.address & IN else b"")

    def _tell(self, seqnum: int, status: Status, length: int = 0, data: bytes = b"") -> None:
        self._outgoing += usbip.ENDED.pack(Command.RET_SUBMIT, seqnum, 0, 0, 0, status, length, 0, 0, 0) + data


def busid_of(one: Attachment) -> str:
    """The name that it is imported by."""
    return f"{BUS}-{one.port}"


def exported(one: Attachment) -> usbip.Exported:
    """What a client is told of a device before it asks the device itself."""
    record, busid = one.record, busid_of(one)
    tree = _tree(one)
    return usbip.Exported(
        path=f"/sys/devices/pumpbench/usb{BUS}/{busid}".encode(),
        busid=busid.encode(),
        busnum=BUS,
        devnum=one.address,
        speed=int(one.device.speed),
        vendor_id=record.idVendor,
        product_id=record.idProduct,
        release=record.bcdDevice,
        class_code=record.bDeviceClass,
        subclass=record.bDeviceSubClass,
        protocol=record.bDeviceProtocol,
        configuration=tree.record.bConfigurationValue if tree else 0,
        configuration_count=record.bNumConfigurations,
        interface_count=len(tree.interfaces) if tree else 0,
    )


def _interfaces(one: Attachment) -> list[tuple[int, int, int]]:
    tree = _tree(one)
    first = [alternates[0] for alternates in tree.interfaces] if tree else []
    return [(each.bInterfaceClass, each.bInterfaceSubClass, each.bInterfaceProtocol) for each in first]


def _tree(one: Attachment) -> ConfigurationTree | None:
    """None of a device whose first configuration does not hold together: its importer will see for itself."""
    try:
        return ConfigurationTree(one.configurations[0])
    except (DescriptorInvalid, IndexError):
        return None


def _checked(asked: usbip.Submit) -> usbip.Submit:
    if asked.direction not in (usbip.TO_DEVICE, usbip.TO_HOST):
        raise PeerBroken(f"a transfer in direction {asked.direction}, expected 0 or 1")
    if not 0 <= asked.length <= HELD_BYTES_MAX:
        raise PeerBroken(f"a transfer of {asked.length} bytes, expected at most {HELD_BYTES_MAX}")
    if asked.packet_count not in usbip.NOT_ISOCHRONOUS:
        raise PeerBroken(f"a transfer of {asked.packet_count} isochronous packets, and no device here has such an endpoint")
    if asked.endpoint > 15:
        raise PeerBroken(f"a transfer on endpoint {asked.endpoint}, expected 0 to 15")
    return asked
