"""A usb-redir guest, as QEMU is one: asks what its own USB stack would ask, in packets; for a bus of this process to plug in."""

import itertools
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pumpbench.hil.usb import setup, usbredir
from pumpbench.hil.usb.descriptors import IN, Speed
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.script import Asking, Script
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer
from pumpbench.hil.usb.usbredir import Cap, Packet, Status
from tests.support import wait_until

PATIENCE_S: Final = 20.0
INTERRUPT: Final = 3
OUTCOMES: Final = {
    Status.SUCCESS: Outcome.DONE,
    Status.CANCELLED: Outcome.CANCELLED,
    Status.STALL: Outcome.STALL,
    Status.BABBLE: Outcome.BABBLE,
    Status.IO_ERROR: Outcome.GONE,
}
Heard = tuple[int, int, bytes]


class Guest:
    """The socket and the packets; `devices` is each device that was announced, the last one first."""

    def __init__(self, path: Path, caps: frozenset[Cap] = usbredir.OURS) -> None:
        self.heard: list[Heard] = []
        self.device: RedirDevice | None = None
        self.caps = caps
        self.over = False
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(path))
        self._sending = threading.Lock()
        self._ids = itertools.count(1)
        self._connection.sendall(usbredir.pack_hello("a guest", caps))
        self._thread = threading.Thread(target=self._hear, name="a guest", daemon=True)
        self._thread.start()

    def wait_for_device(self) -> "RedirDevice":
        wait_until(lambda: self.device is not None, "a device to be announced")
        assert self.device is not None
        return self.device

    def close(self) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def say(self, kind: Packet, body: bytes = b"", number: int | None = None) -> int:
        number = next(self._ids) if number is None else number
        with self._sending:
            self._connection.sendall(self.head.pack(kind, len(body), number) + body)
        return number

    @property
    def head(self) -> struct.Struct:
        return usbredir.HEAD_WIDE if Cap.WIDE_IDS in self.caps else usbredir.HEAD

    def _hear(self) -> None:
        script = Script(self._asking())
        try:
            while chunk := self._connection.recv(65536):
                script.feed(chunk)
        except OSError:
            pass
        self.over = True
        self._connection.close()
        if self.device is not None:
            self.device.go()

    def _asking(self) -> Asking:
        kind, length, _ = usbredir.HEAD.unpack((yield usbredir.HEAD.size))
        assert kind == Packet.HELLO
        self.caps &= usbredir.caps_in((yield length))
        while True:
            kind, length, number = self.head.unpack((yield self.head.size))
            body = (yield length) if length else b""
            self.heard.append((kind, number, body))
            self._take(kind, number, body)

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == Packet.DEVICE_CONNECT:
            shape = [one[2] for one in self.heard if one[0] == Packet.EP_INFO][-1]
            self.device = RedirDevice(self, Speed(body[0] + 1), shape)
        elif kind == Packet.DEVICE_DISCONNECT:
            gone, self.device = self.device, None
            if Cap.DEVICE_DISCONNECT_ACK in self.caps:
                self.say(Packet.DEVICE_DISCONNECT_ACK, number=0)
            assert gone is not None
            gone.go()
        elif self.device is not None:
            if kind == Packet.EP_INFO:
                self.device.shape = body
            self.device.answered(kind, number, body)


class RedirDevice:
    """The device as its guest has it. Interrupts are listened to from the first time that one is asked for."""

    def __init__(self, guest: Guest, speed: Speed, shape: bytes) -> None:
        self.speed = speed
        self.plugged = False
        self.broken = ""
        self.on_unplug: Callable[[], None] = lambda: None
        self.name = "redirected"
        self.shape = shape
        self._guest = guest
        self._changed = threading.Condition()
        self._gone = False
        self._under_way: dict[int, Transfer] = {}
        self._answers: dict[int, bytes] = {}
        self._notices: dict[int, list[bytes]] = {}
        self._waiting: dict[int, list[Transfer]] = {}

    def plug(self) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False

    def go(self) -> None:
        with self._changed:
            self._gone, self.plugged = True, False
            for transfer in [*self._under_way.values(), *itertools.chain(*self._waiting.values())]:
                if transfer.outcome is None:
                    transfer.end(Outcome.GONE)
            self._changed.notify_all()
        self.on_unplug()

    def reset(self) -> None:
        self._guest.say(Packet.RESET)

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        """What a guest's USB stack keeps to itself, and what it has packets of their own for, as QEMU does."""
        plain = (asked.request_type, asked.request)
        if plain == (0x00, setup.SET_ADDRESS):
            return b""
        if plain == (0x00, setup.SET_CONFIGURATION):
            return self._known(Packet.SET_CONFIGURATION, usbredir.CONFIGURATION.pack(asked.w_value))
        if plain == (0x80, setup.GET_CONFIGURATION):
            return self._known(Packet.GET_CONFIGURATION, b"")[-1:]
        if plain == (0x01, setup.SET_INTERFACE):
            return self._known(Packet.SET_ALT_SETTING, usbredir.SET_ALT.pack(asked.w_index, asked.w_value))
        if plain == (0x81, setup.GET_INTERFACE):
            return self._known(Packet.GET_ALT_SETTING, usbredir.GET_ALT.pack(asked.w_index))[-1:]
        head = usbredir.Control(
            asked.request_type & IN, asked.request, asked.request_type, 0, asked.w_value, asked.w_index, asked.w_length
        )
        told = self._ask(Packet.CONTROL_PACKET, usbredir.CONTROL.pack(*head) + data)
        _judge(told[3])
        return told[usbredir.CONTROL.size :]

    def submit(self, transfer: Transfer) -> None:
        with self._changed:
            if self._gone:
                transfer.end(Outcome.GONE)
                return
            if self.shape[usbredir.slot_of(transfer.address)] == INTERRUPT:
                self._listen(transfer)
                return
            inbound = bool(transfer.address & IN)
            length = transfer.size_bytes if inbound else len(transfer.data)
            fields = (transfer.address, 0, length & 0xFFFF, 0, length >> 16)
            wide = Cap.WIDE_BULK_LENGTH in self._guest.caps
            head = usbredir.BULK.pack(*fields) if wide else usbredir.BULK_OLD.pack(*fields[:4])
            number = self._guest.say(Packet.BULK_PACKET, head + (b"" if inbound else bytes(transfer.data)))
            self._under_way[number] = transfer

    def cancel(self, transfer: Transfer) -> None:
        with self._changed:
            for waiting in self._waiting.values():
                if transfer in waiting:
                    waiting.remove(transfer)
                    transfer.end(Outcome.CANCELLED)
            number = next((number for number, one in self._under_way.items() if one is transfer), None)
        if number is not None:
            self._guest.say(Packet.CANCEL_DATA_PACKET, number=number)
            assert transfer.wait(PATIENCE_S)

    def answered(self, kind: int, number: int, body: bytes) -> None:
        with self._changed:
            if kind == Packet.BULK_PACKET:
                self._ended(number, body)
            elif kind == Packet.INTERRUPT_PACKET:
                address, status, _ = usbredir.INTERRUPT.unpack_from(body)
                assert status == Status.SUCCESS
                self._notices[address].append(body[usbredir.INTERRUPT.size :])
                self._hand_on(address)
            else:
                self._answers[number] = body
                self._changed.notify_all()

    def _ended(self, number: int, body: bytes) -> None:
        wide = Cap.WIDE_BULK_LENGTH in self._guest.caps
        form = usbredir.BULK if wide else usbredir.BULK_OLD
        told = usbredir.Bulk(*form.unpack_from(body))
        transfer = self._under_way.pop(number)
        transfer.passed = told.length
        if transfer.address & IN:
            transfer.data[:] = body[form.size :]
            assert len(transfer.data) == told.length
        transfer.end(OUTCOMES[Status(told.status)])

    def _listen(self, transfer: Transfer) -> None:
        address = transfer.address
        self._waiting.setdefault(address, []).append(transfer)
        if address not in self._notices:
            self._notices[address] = []
            self._guest.say(Packet.START_INTERRUPT_RECEIVING, usbredir.ENDPOINT.pack(address))
        self._hand_on(address)

    def _hand_on(self, address: int) -> None:
        while self._notices[address] and self._waiting.get(address):
            transfer = self._waiting[address].pop(0)
            transfer.data[:] = self._notices[address].pop(0)
            transfer.passed = len(transfer.data)
            transfer.end(Outcome.DONE)

    def _known(self, kind: Packet, body: bytes) -> bytes:
        told = self._ask(kind, body)
        _judge(told[0])
        return told

    def _ask(self, kind: Packet, body: bytes) -> bytes:
        with self._changed:
            if self._gone:
                raise DeviceGone
            try:
                number = self._guest.say(kind, body)
            except OSError:
                raise DeviceGone from None
            assert self._changed.wait_for(lambda: self._gone or number in self._answers, PATIENCE_S), f"no answer to {kind!r}"
            if number not in self._answers:
                raise DeviceGone
            return self._answers.pop(number)


def _judge(status: int) -> None:
    if status == Status.STALL:
        raise Stall
    if status != Status.SUCCESS:
        raise DeviceGone
