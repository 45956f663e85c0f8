"""Devices on a bus of this process, as pyusb and our link find them; it judges nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import usb.core

from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.links.usb_find import UsbName
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import CONTROL, PRODUCT_ID, VENDOR_ID
from pumpbench.hil.usb.descriptors import Endpoint, Kind, Speed
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.setup import CLASS, DTR, INTERFACE, SET_CONTROL_LINE_STATE
from pumpbench.hil.usb.transfers import OUT_ROOM_BYTES, TRANSFER_BYTES_MAX

HELD_BYTES = OUT_ROOM_BYTES + TRANSFER_BYTES_MAX - Speed.FULL.bulk_bytes
"""What a device takes of a pump that does not read: its room, and a transfer but for the packet that would end it."""
ANY = UsbName(VENDOR_ID, PRODUCT_ID)


class Plugged:
    """One pump device without a pump behind it, on a bus of its own."""

    def __init__(self, speed: Speed = Speed.FULL, serial: str = "P1", device: PumpDevice | None = None) -> None:
        self.bus = Bus()
        self.backend = InProcessBackend(self.bus)
        self.device = device or PumpDevice(serial, speed)
        self.bus.plug(self.device)

    def link(self, name: UsbName = ANY) -> UsbLink:
        return UsbLink(name, self.backend)

    def found(self) -> Any:
        """pyusb's device."""
        return usb.core.find(backend=self.backend, idVendor=VENDOR_ID, idProduct=PRODUCT_ID)

    def unplug(self) -> None:
        self.bus.unplug(self.device)

    def replug(self) -> None:
        self.unplug()
        self.bus.plug(self.device)

    def bulk(self, interface: int, inbound: bool) -> int:
        """The address of the bulk endpoint that an interface declares."""
        return next(one.address for one in self.endpoints(interface) if one.kind is Kind.BULK and one.inbound == inbound)

    def endpoints(self, interface: int) -> list[Endpoint]:
        (configuration,) = self.device.declared.configurations
        return [end for one in configuration.interfaces if one.number == interface for end in one.endpoints]


@contextmanager
def dtr(found: Any) -> Iterator[None]:
    """The serial port held open, as a kernel's driver for it does."""
    raise_dtr(found, True)
    try:
        yield
    finally:
        raise_dtr(found, False)


def raise_dtr(found: Any, up: bool) -> None:
    found.ctrl_transfer(CLASS | INTERFACE, SET_CONTROL_LINE_STATE, DTR if up else 0, CONTROL, None)
