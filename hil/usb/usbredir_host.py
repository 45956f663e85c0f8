"""The host's end of a usb-redir connection, for one guest: bytes in, bytes out; it opens nothing and waits for nobody."""

import itertools
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

from pumpbench.hil.usb import setup, usbredir
from pumpbench.hil.usb.bus import Attachment
from pumpbench.hil.usb.descriptors import IN, Kind
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.remote_host import HELD_BYTES_MAX, RemoteHost
from pumpbench.hil.usb.script import Asking, PeerBroken, Script
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer
from pumpbench.hil.usb.usbredir import Cap, Packet, Status
from pumpbench.hil.usb.usbredir_info import endpoint_of, pack_connect, pack_endpoints, pack_interfaces

BODY_BYTES_MAX: Final = HELD_BYTES_MAX + usbredir.BULK.size
HELLO_BYTES_MAX: Final = 256
OUTCOMES: Final = {
    Outcome.DONE: Status.SUCCESS,
    Outcome.STALL: Status.STALL,
    Outcome.BABBLE: Status.BABBLE,
    Outcome.CANCELLED: Status.CANCELLED,
    Outcome.GONE: Status.IO_ERROR,
}


class Asked(NamedTuple):
    """A data packet that is under way: what its answer repeats."""

    kind: Packet
    endpoint: int
    stream_id: int = 0


class RedirHost:
    """Feed it what came, send what is `outgoing`, again after each `wake`; tell it when the guest `left`.

    `present`: the device that is plugged in now, if any; one that goes is told as removed, one that comes as new. Raises
    `PeerBroken` from `received`, and is of no use after.
    """

    ended = False

    def __init__(self, present: Callable[[], Attachment | None], wake: Callable[[], None]) -> None:
        self._present = present
        self._wake = wake
        self._host: RemoteHost | None = None
        self._caps: frozenset[Cap] | None = None
        """What both sides can; None until the guest said hello."""
        self._awaits_ack = False
        self._resting = True
        self._asked: dict[int, Asked] = {}
        self._brought: dict[int, tuple[int, bytes]] = {}
        """By inbound bulk endpoint: the last packet that had data, and that data."""
        self._unheard: dict[int, bytes] = {}
        """By inbound bulk endpoint: what its guest gave up waiting for just before it came, and asks for next."""
        self._polled: dict[int, itertools.count[int]] = {}
        """Inbound interrupt endpoints that the guest listens to, each with its next packet's id."""
        self._outgoing = bytearray(usbredir.pack_hello("pumpbench", usbredir.OURS))
        self._script = Script(self._asking())

    @property
    def busy(self) -> bool:
        """It owes us the rest of a packet."""
        return not self._resting or self._script.waiting_bytes > 0

    @property
    def taken_count(self) -> int:
        return self._script.taken_count

    def received(self, data: bytes) -> None:
        self._script.feed(data)

    def outgoing(self) -> bytes:
        self._see_device()
        if self._host is not None:
            self._collect(self._host)
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def left(self) -> None:
        self._leave()

    # The device that is there, and the one that is not.

    def _see_device(self) -> None:
        if self._host is not None and self._host.gone:
            self._collect(self._host)
            self._say(Packet.DEVICE_DISCONNECT, 0)
            self._awaits_ack = Cap.DEVICE_DISCONNECT_ACK in (self._caps or ())
            self._leave()
        if self._host is None and self._caps is not None and not self._awaits_ack:
            found = self._present()
            if found is not None:
                self._announce(found, self._caps)

    def _announce(self, found: Attachment, caps: frozenset[Cap]) -> None:
        found.start_anew()
        self._host = RemoteHost(found, self._wake)
        self._tell_shape(found)
        self._say(Packet.DEVICE_CONNECT, 0, pack_connect(found, Cap.CONNECT_DEVICE_VERSION in caps))

    def _tell_shape(self, one: Attachment) -> None:
        self._say(Packet.EP_INFO, 0, pack_endpoints(one, Cap.EP_INFO_MAX_PACKET_SIZE in (self._caps or ())))
        self._say(Packet.INTERFACE_INFO, 0, pack_interfaces(one))

    def _leave(self) -> None:
        if self._host is not None:
            self._host.leave()
            self._host = None
        self._asked.clear()
        self._start_over()

    def _start_over(self) -> None:
        self._polled.clear()
        self._brought.clear()
        self._unheard.clear()

    # What the guest says.

    def _asking(self) -> Asking:
        kind, length, _ = usbredir.HEAD.unpack((yield usbredir.HEAD.size))
        self._resting = False
        if kind != Packet.HELLO or not usbredir.VERSION_BYTES <= length <= HELLO_BYTES_MAX:
            raise PeerBroken(f"it begins with packet {kind} of {length} bytes, expected a hello (0) of 64 to {HELLO_BYTES_MAX}")
        self._caps = usbredir.OURS & usbredir.caps_in((yield length))
        head = usbredir.HEAD_WIDE if Cap.WIDE_IDS in self._caps else usbredir.HEAD
        while True:
            self._resting = True
            kind, length, number = head.unpack((yield head.size))
            self._resting = False
            if length > BODY_BYTES_MAX:
                raise PeerBroken(f"packet {kind} of {length} bytes, expected at most {BODY_BYTES_MAX}")
            self._take(kind, number, (yield length) if length else b"")

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == Packet.FILTER_FILTER:
            return  # what it would not take; it tells where that is the case
        form = self._bulk if kind == Packet.BULK_PACKET else usbredir.FROM_GUEST.get(kind)
        if kind in usbredir.OF_A_DEVICE:
            raise PeerBroken(f"packet {kind}, which a device sends: another server of a device has that place, and no QEMU")
        if form is None:
            raise PeerBroken(f"packet {kind}, which no guest sends to a device without streams")
        data = body[form.size :]
        if len(body) < form.size or (data and kind not in usbredir.WITH_DATA):
            raise PeerBroken(f"packet {kind} with {len(body)} bytes, expected {form.size}")
        fields = form.unpack_from(body)
        if kind == Packet.FILTER_REJECT:
            raise PeerBroken("its filter keeps this device out")
        if kind == Packet.DEVICE_DISCONNECT_ACK:
            self._awaits_ack = False
        elif self._host is not None:
            self._serve(self._host, kind, number, fields, data)
        # Else what was under way to a device that is gone: its guest has been told, or soon is.

    @property
    def _bulk(self) -> struct.Struct:
        return usbredir.BULK if Cap.WIDE_BULK_LENGTH in (self._caps or ()) else usbredir.BULK_OLD

    def _serve(self, host: RemoteHost, kind: int, number: int, fields: tuple[int, ...], data: bytes) -> None:
        if kind == Packet.CONTROL_PACKET:
            self._control(host, number, usbredir.Control(*fields), data)
        elif kind == Packet.BULK_PACKET:
            bulk = usbredir.Bulk(*fields)
            self._submit(host, number, Asked(Packet.BULK_PACKET, bulk.endpoint, bulk.stream_id), bulk.length, data)
        elif kind == Packet.INTERRUPT_PACKET:
            interrupt = usbredir.Interrupt(*fields)
            if interrupt.endpoint & IN:
                raise PeerBroken(f"an interrupt packet for endpoint {interrupt.endpoint:#04x}, which it can only listen to")
            self._submit(host, number, Asked(Packet.INTERRUPT_PACKET, interrupt.endpoint), interrupt.length, data)
        elif kind == Packet.CANCEL_DATA_PACKET:
            self._cancel(host, number)
        elif kind == Packet.RESET:
            self._start_over()
            host.attachment.start_anew()
        elif kind in (Packet.START_ISO_STREAM, Packet.STOP_ISO_STREAM):
            self._say(Packet.ISO_STREAM_STATUS, number, usbredir.RECEIVING_STATUS.pack(Status.INVALID, fields[0]))
        elif kind in (Packet.START_INTERRUPT_RECEIVING, Packet.STOP_INTERRUPT_RECEIVING):
            self._listen(host, number, fields[0], kind == Packet.START_INTERRUPT_RECEIVING)
        elif kind in (Packet.SET_CONFIGURATION, Packet.GET_CONFIGURATION):
            self._configuration(host, number, fields)
        else:
            self._alternate(host, number, fields)

    def _control(self, host: RemoteHost, number: int, asked: usbredir.Control, data: bytes) -> None:
        request = Setup(asked.request_type, asked.request, asked.w_value, asked.w_index, asked.length)
        if len(data) != (0 if request.to_host else asked.length):
            raise PeerBroken(f"a control packet for {asked.length} bytes with {len(data)} behind it")
        status, answer = _asked(host, request, data)
        length = len(answer) if request.to_host else len(data) if status is Status.SUCCESS else 0
        told = asked._replace(status=status, length=length)
        self._say(Packet.CONTROL_PACKET, number, usbredir.CONTROL.pack(*told) + answer)

    def _configuration(self, host: RemoteHost, number: int, chosen: tuple[int, ...]) -> None:
        if chosen:
            status, _ = _asked(host, Setup(0x00, setup.SET_CONFIGURATION, chosen[0], 0, 0))
            self._start_over()
            if status is Status.SUCCESS:
                self._tell_shape(host.attachment)
        got, answer = _asked(host, Setup(0x80, setup.GET_CONFIGURATION, 0, 0, 1))
        body = usbredir.CONFIGURATION_STATUS.pack(status if chosen else got, answer[0] if answer else 0)
        self._say(Packet.CONFIGURATION_STATUS, number, body)

    def _alternate(self, host: RemoteHost, number: int, fields: tuple[int, ...]) -> None:
        interface, *chosen = fields
        if chosen:
            status, _ = _asked(host, Setup(0x01, setup.SET_INTERFACE, chosen[0], interface, 0))
            # Its endpoints are new ones; of other interfaces nobody waits in vain while one program does this.
            self._brought.clear()
            self._unheard.clear()
            if status is Status.SUCCESS:
                self._tell_shape(host.attachment)
        got, answer = _asked(host, Setup(0x81, setup.GET_INTERFACE, 0, interface, 1))
        body = usbredir.ALT_STATUS.pack(status if chosen else got, interface, answer[0] if answer else 0)
        self._say(Packet.ALT_SETTING_STATUS, number, body)

    def _submit(self, host: RemoteHost, number: int, asked: Asked, length: int, data: bytes) -> None:
        inbound = bool(asked.endpoint & IN)
        if len(data) != (0 if inbound else length) or length > HELD_BYTES_MAX:
            raise PeerBroken(f"packet {asked.kind} for {length} bytes with {len(data)} behind it")
        if inbound and (unheard := self._unheard.pop(asked.endpoint, b"")):
            self._bring(number, asked, unheard, length)
            return
        try:
            host.submit(number, Transfer(asked.endpoint, data, length if inbound else 0))
        except LookupError:
            self._answer(number, asked, Status.INVALID)
        else:
            self._asked[number] = asked

    def _cancel(self, host: RemoteHost, number: int) -> None:
        """Where it has ended already, the guest drops its answer unread: it cancels only what it has no answer to.

        A wire would have lost nothing, because there the host cannot give up a packet that it has acknowledged. So what the
        answer brought is kept for the next that asks.
        """
        if host.cancel(number):
            self._answer(number, self._asked.pop(number), Status.CANCELLED)
            return
        self._collect(host)
        for endpoint, (last, data) in self._brought.items():
            if last == number:
                self._unheard[endpoint] = data + self._unheard.get(endpoint, b"")

    def _bring(self, number: int, asked: Asked, data: bytes, length: int) -> None:
        """`length`: what was asked for; the rest waits on."""
        self._brought[asked.endpoint] = (number, data[:length])
        if rest := data[length:]:
            self._unheard[asked.endpoint] = rest
        self._answer(number, asked, Status.SUCCESS, len(data[:length]), data[:length])

    def _listen(self, host: RemoteHost, number: int, address: int, start: bool) -> None:
        found = endpoint_of(host.attachment, address)
        fits = found is not None and found.bmAttributes & 3 == Kind.INTERRUPT and address & IN
        if start and fits and address not in self._polled:
            self._polled[address] = itertools.count()
            self._poll(host, address)
        elif not start and self._polled.pop(address, None) is not None:
            host.cancel(-address)
        status = Status.SUCCESS if fits else Status.INVALID
        self._say(Packet.INTERRUPT_RECEIVING_STATUS, number, usbredir.RECEIVING_STATUS.pack(status, address))

    # What the device says.

    def _poll(self, host: RemoteHost, address: int) -> None:
        found = endpoint_of(host.attachment, address)
        try:
            host.submit(-address, Transfer(address, size_bytes=found.wMaxPacketSize))
        except LookupError:
            self._deaf(address)

    def _collect(self, host: RemoteHost) -> None:
        for number, done in host.ended():
            assert done.outcome is not None, "it has ended"
            status = OUTCOMES[done.outcome]
            if number < 0:
                self._heard(host, -number, status, bytes(done.data))
            elif (asked := self._asked.pop(number, None)) is not None:
                inbound = bool(asked.endpoint & IN)
                if inbound and status is Status.SUCCESS:
                    self._bring(number, asked, bytes(done.data), done.size_bytes)
                else:
                    self._answer(number, asked, status, done.passed, bytes(done.data) if inbound else b"")

    def _heard(self, host: RemoteHost, address: int, status: Status, data: bytes) -> None:
        count = self._polled.get(address)
        if count is None:
            return
        if status is Status.SUCCESS:
            head = usbredir.INTERRUPT.pack(address, status, len(data))
            self._say(Packet.INTERRUPT_PACKET, next(count), head + data)
            self._poll(host, address)
            return
        self._deaf(address)

    def _deaf(self, address: int) -> None:
        """Whatever ended the listening, but for the guest itself, is told as a stall."""
        self._polled.pop(address, None)
        self._say(Packet.INTERRUPT_RECEIVING_STATUS, 0, usbredir.RECEIVING_STATUS.pack(Status.STALL, address))

    def _answer(self, number: int, asked: Asked, status: Status, length: int = 0, data: bytes = b"") -> None:
        if asked.kind is Packet.BULK_PACKET:
            fields = (asked.endpoint, status, length & 0xFFFF, asked.stream_id, length >> 16)
            head = self._bulk.pack(*fields[: 5 if self._bulk is usbredir.BULK else 4])
        else:
            head = usbredir.INTERRUPT.pack(asked.endpoint, status, length)
        self._say(asked.kind, number, head + data)

    def _say(self, kind: Packet, number: int, body: bytes = b"") -> None:
        head = usbredir.HEAD_WIDE if Cap.WIDE_IDS in (self._caps or ()) else usbredir.HEAD
        self._outgoing += head.pack(kind, len(body), number) + body


def _asked(host: RemoteHost, request: Setup, data: bytes = b"") -> tuple[Status, bytes]:
    try:
        return Status.SUCCESS, host.control(request, data)
    except Stall:
        return Status.STALL, b""
    except DeviceGone:
        return Status.IO_ERROR, b""
