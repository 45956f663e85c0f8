"""The pump's USB device: one ordered session, through its own interface or its serial port; knows no frame in it."""

import threading
from collections.abc import Callable
from typing import Final, Protocol, runtime_checkable

from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.composite import CONTROL, DATA, FRAMES, OPEN, composite
from pumpbench.hil.usb.descriptors import IN, Interface, Speed
from pumpbench.hil.usb.device import UsbDevice
from pumpbench.hil.usb.end import End
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Endpoint, InEndpoint, OutEndpoint

BAUD_AT_FIRST: Final = 115200
EIGHT_BITS: Final = 8
BREAK_ENDLESS: Final = 0xFFFF
SERIAL_STATE: Final = setup.Setup(0xA1, setup.SERIAL_STATE, 0, CONTROL, 2).pack()


@runtime_checkable
class Uart(Protocol):
    """A port behind the device that has wires. Either is false where that could not be."""

    def set_rate(self, baud: int) -> bool: ...

    def set_break(self, on: bool) -> bool: ...


class PumpDevice(UsbDevice):
    """Whoever opens first, by selecting the endpoints of `FRAMES` or by raising DTR, has the pump; the other is stalled.

    `end` is where the pump itself reads and writes, whichever interface a host chose.
    """

    def __init__(self, serial: str, speed: Speed = Speed.FULL) -> None:
        super().__init__(composite(serial, speed), speed, composite(serial) if speed is Speed.HIGH else None)
        self.holder: int | None = None
        """The interface of the session, `FRAMES` or `CONTROL`."""
        self.line_coding = layouts.LINE_CODING.pack(BAUD_AT_FIRST, 0, 0, EIGHT_BITS)
        self.line_state = 0
        self.coding_count = self.line_state_count = self.break_count = 0
        """How often a host set its serial port; what of it goes through to `uart` is told in bridge.py."""
        self.uart: Uart | None = None
        self.end = End(self)

    @property
    def inbound(self) -> InEndpoint | None:
        """Where bytes for the host of the open session go."""
        if self.holder is None or self.configuration is None:
            return None
        data = FRAMES if self.holder == FRAMES else DATA
        alternate = self._alternates_of(data)[self.alternates[data]]
        found = [self.endpoints[one.address] for one in alternate.endpoints if one.inbound]
        return found[0] if found and isinstance(found[0], InEndpoint) else None

    def class_request(self, asked: Setup) -> Callable[[Setup, bytes], bytes] | None:
        if asked.kind != setup.CLASS or asked.recipient != setup.INTERFACE or asked.w_index != CONTROL:
            return None
        return {
            (0x21, setup.SET_LINE_CODING): self._set_line_coding,
            (0xA1, setup.GET_LINE_CODING): lambda *_: self.line_coding,
            (0x21, setup.SET_CONTROL_LINE_STATE): self._set_line_state,
            (0x21, setup.SEND_BREAK): self._send_break,
        }.get((asked.request_type, asked.request))

    def selecting(self, interface: int, alternate: int) -> None:
        if interface == FRAMES and alternate == OPEN and self.holder == CONTROL:
            raise Stall

    def selected(self, interface: int, alternate: int) -> None:
        if interface == FRAMES:
            self._held_by(FRAMES if alternate == OPEN else None, FRAMES)

    def unconfigured(self) -> None:
        self.line_state = 0
        self._held_by(None, self.holder)

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Endpoint:
        if address & IN:
            return InEndpoint(packet_bytes)
        if interface.number == FRAMES:
            return OutEndpoint(packet_bytes, self.end.arrived, by_transfer=True)
        made = OutEndpoint(packet_bytes, self.end.arrived)
        made.halted = True  # until DTR
        return made

    def _held_by(self, holder: int | None, of: int | None) -> None:
        """Of another holder's session nothing ends."""
        if self.holder is not None and self.holder != of:
            return
        self.holder = holder
        if holder is not None:
            self.end.session_count += 1
            self._rate(BAUD_AT_FIRST if holder == FRAMES else layouts.LINE_CODING.unpack(self.line_coding)[0])
        for one in self._data_endpoints():
            one.halted = holder != CONTROL and isinstance(one, OutEndpoint)
            one.forget()
        self.changed.notify_all()

    def _data_endpoints(self) -> list[Endpoint]:
        """Of the serial port: a new alternate setting has new ones, but these stay."""
        if self.configuration is None:
            return []
        return [self.endpoints[one.address] for one in self._alternates_of(DATA)[0].endpoints]

    def _set_line_coding(self, asked: Setup, data: bytes) -> bytes:
        if len(data) != layouts.LINE_CODING.size:
            raise Stall
        self.coding_count += 1
        # The interface for frames knows no rate, so its session has the one that firmware begins with.
        if self.holder != FRAMES and not self._rate(layouts.LINE_CODING.unpack(data)[0]):
            raise Stall
        self.line_coding = data
        return b""

    def _rate(self, baud: int) -> bool:
        return self.uart is None or self.uart.set_rate(baud)

    def _set_line_state(self, asked: Setup, data: bytes) -> bytes:
        raised = bool(asked.w_value & setup.DTR)
        self.line_state_count += 1
        if raised and self.holder == FRAMES:
            raise Stall
        was = bool(self.line_state & setup.DTR)
        self.line_state = asked.w_value & (setup.DTR | setup.RTS)
        if raised != was:
            self._held_by(CONTROL if raised else None, CONTROL)
            self._tell_serial_state(setup.DCD | setup.DSR if raised else 0)
        return b""

    def _send_break(self, asked: Setup, data: bytes) -> bytes:
        """For so many ms; all of them: until one of 0 ms, which is how Linux's driver asks."""
        self.break_count += asked.w_value != 0
        if self.uart is not None:
            self.uart.set_break(asked.w_value != 0)
            if 0 < asked.w_value < BREAK_ENDLESS:
                threading.Timer(asked.w_value / 1000, self.uart.set_break, (False,)).start()
        return b""

    def _tell_serial_state(self, state: int) -> None:
        address = next(one.address for one in self._alternates_of(CONTROL)[0].endpoints)
        notices = self.endpoints[address]
        assert isinstance(notices, InEndpoint), "the serial port's notices go to the host"
        notices.held += SERIAL_STATE + state.to_bytes(2, "little")
        notices.serve()
