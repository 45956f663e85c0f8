"""Devices that lie, stall and babble, for a link to meet; each is a real device model with one thing spoilt."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from pumpbench.hil.usb.composite import FRAMES, OPEN, PRODUCT_ID, VENDOR_ID, composite
from pumpbench.hil.usb.descriptors import IN, Configuration, Declared, Endpoint, Interface, Kind, Speed
from pumpbench.hil.usb.device import UsbDevice
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Endpoint as Carrier
from pumpbench.hil.usb.transfers import InEndpoint, OutEndpoint


class Lying(PumpDevice):
    """Answers control requests through `spoil`, which gets the true answer."""

    def __init__(self, spoil: Callable[[Setup, bytes], bytes]) -> None:
        super().__init__("P1")
        self._spoil = spoil

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        return self._spoil(asked, super().control(asked, data))[: asked.w_length]


class Babbling(PumpDevice):
    """Sends a packet that is too long for its own endpoint."""

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Carrier:
        made = super().make_endpoint(interface, address, packet_bytes)
        if interface.number == FRAMES and isinstance(made, InEndpoint):
            made.next_packet = lambda: bytes(packet_bytes + 1)  # type: ignore[method-assign]
        return made


class Stalling(PumpDevice):
    """Halts its endpoints, in or out, as soon as they are opened, and each time anew."""

    def __init__(self, inbound: bool) -> None:
        super().__init__("P1")
        self._inbound = inbound

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Carrier:
        made = super().make_endpoint(interface, address, packet_bytes)
        made.halted = made.halted or (interface.number == FRAMES and bool(address & IN) == self._inbound)
        return made


class Endless(PumpDevice):
    """Sends empty packets without end, which end transfers and say nothing."""

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Carrier:
        made = super().make_endpoint(interface, address, packet_bytes)
        if interface.number == FRAMES and isinstance(made, InEndpoint):
            made.next_packet = lambda: b""  # type: ignore[method-assign]
        return made


HALT: Final = "halt"


class Erratic(PumpDevice):
    """Sends packets of the lengths it is told, in place of its pump's: none for None, and halts its endpoint at `HALT`.

    `room`: whether it takes what the host sends, each time anew; then it does.
    """

    def __init__(self, packets: Iterable[int | str | None], room: Iterable[bool]) -> None:
        self._packets = iter(packets)
        self._room = iter(room)
        super().__init__("P1")

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Carrier:
        made = super().make_endpoint(interface, address, packet_bytes)
        if interface.number != FRAMES:
            return made
        if not isinstance(made, InEndpoint):
            return OutEndpoint(packet_bytes, lambda _: next(self._room, True), by_transfer=True)

        def next_packet() -> bytes | None:
            told = next(self._packets, None)
            made.halted = told == HALT
            return bytes(told) if isinstance(told, int) else b"" if told == HALT else None

        made.next_packet = next_packet  # type: ignore[method-assign]
        return made


class Plain(UsbDevice):
    """A device of another make with the given interfaces, without sessions; its endpoints work and its pump never speaks."""

    def __init__(self, *configurations: tuple[Interface, ...], configured: bool = True) -> None:
        whole = tuple(Configuration(interfaces, value=value) for value, interfaces in enumerate(configurations, 1))
        super().__init__(Declared(VENDOR_ID, PRODUCT_ID, "P1", whole), Speed.FULL)
        self._configured = configured

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        if not self._configured and asked.request == 9 and asked.request_type == 0:
            self._configured = True  # once, when the bus tries
            raise Stall
        return super().control(asked, data)


def pair(inbound: int, outbound: int, kind: Kind = Kind.BULK) -> tuple[Endpoint, Endpoint]:
    interval = 0 if kind is Kind.BULK else 1
    return Endpoint(inbound, True, kind, 64, interval), Endpoint(outbound, False, kind, 64, interval)


def vendor(number: int = 0, *endpoints: Endpoint) -> Interface:
    return Interface(number, 0xFF, endpoints=endpoints)


DECLARED = composite("P1")
OPENED = next(one for one in DECLARED.configurations[0].interfaces if (one.number, one.alternate) == (FRAMES, OPEN))


def moved(inbound: int, outbound: int) -> PumpDevice:
    """The pump with the endpoints of its frames at other addresses."""
    device = PumpDevice("P1")
    (whole,) = device.declared.configurations
    other = replace(OPENED, endpoints=pair(inbound, outbound))
    interfaces = tuple(other if one == OPENED else one for one in whole.interfaces)
    declared = replace(device.declared, configurations=(replace(whole, interfaces=interfaces),))
    device.declared = declared
    device.built = type(device.built)(declared)
    return device
