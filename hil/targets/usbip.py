"""A USB device that a USB/IP server has, on a bus of this process; it knows no pump and no kernel."""

import re
from typing import Final, NamedTuple

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links.errors import LinkError, PortMissing
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.usbip import PORT_DEFAULT
from pumpbench.hil.usb.usbip_device import UsbipDevice

URL: Final = re.compile(r"usbip://(\[[0-9A-Fa-f:.]+\]|[^:/\[\]]+)(?::(\d{1,5}))?(?:/([0-9.-]{1,31}))?")
FIRST: Final = "1-1"


class Place(NamedTuple):
    """Where a device is to be had."""

    host: str
    port: int
    busid: str


def place_of(url: str) -> Place:
    """From `usbip://HOST[:PORT][/BUSID]`, as `emulate --usbip` prints it. Raises `TargetUnknown`."""
    found = URL.fullmatch(url)
    if found is None:
        raise TargetUnknown(f"{url!r} is no device of a USB/IP server; write usbip://127.0.0.1:{PORT_DEFAULT}/{FIRST}")
    return Place(found[1].strip("[]"), int(found[2] or PORT_DEFAULT), found[3] or FIRST)


class Attached:
    """The device for as long as this is open; where the server had to let it go, it is imported again when it is looked for.

    Raises `TargetUnknown` or a `LinkError`.
    """

    def __init__(self, url: str) -> None:
        self._place = place_of(url)
        self.bus = Bus()
        self._device = UsbipDevice(*self._place)
        self.bus.plug(self._device)
        if self.bus.refused:
            self._device.unplug()
            raise PortMissing(url, f"its descriptors do not hold together ({self.bus.refused[0]})", "see what is served there")
        self.bus.before_look = self._look

    def close(self) -> None:
        self.bus.before_look = None
        self._device.unplug()

    def _look(self) -> None:
        if self._device.plugged:
            return
        try:
            self._device = UsbipDevice(*self._place)
        except LinkError:
            return  # not yet
        self.bus.plug(self._device)
