"""A USB device that a USB/IP server has, on a bus of this process; it knows no pump and no kernel."""

import re
import time
from typing import Final, NamedTuple

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links.errors import PortBusy, PortMissing
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.usbip import PORT_DEFAULT
from pumpbench.hil.usb.usbip_device import UsbipDevice

URL: Final = re.compile(r"usbip://(\[[0-9A-Fa-f:.]+\]|[^:/\[\]]+)(?::(\d{1,5}))?(?:/([0-9.-]{1,31}))?")
FIRST: Final = "1-1"
LOOK_S: Final = 0.2


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
    port = int(found[2] or PORT_DEFAULT)
    if not 0 < port < 1 << 16:
        raise TargetUnknown(f"{url!r}: there is no port {port}; choose one of 1 to 65535")
    return Place(found[1].strip("[]"), port, found[3] or FIRST)


class Attached:
    """The device for as long as this is open; where the server had to let it go, it is imported again when it is looked for.

    `wait_s`: for whoever else has it. Raises `TargetUnknown` or a `LinkError`, which a later look at the bus may raise as well.
    """

    def __init__(self, url: str, wait_s: float = 0.0) -> None:
        self._place = place_of(url)
        self.bus = Bus()
        self._device = _free(self._place, wait_s)
        self.bus.plug(self._device)
        if self.bus.refused:
            self._device.unplug()
            why = self.bus.refused[0].removeprefix(f"{self._device.name}: ")
            raise PortMissing(url, f"its device does not tell what it is ({why})", "see what is served there")
        self.bus.before_look = self._look

    def close(self) -> None:
        self.bus.before_look = None
        self._device.unplug()

    def _look(self) -> None:
        if not self._device.plugged:
            self._device = UsbipDevice(*self._place)
            self.bus.plug(self._device)


def _free(place: Place, wait_s: float) -> UsbipDevice:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return UsbipDevice(*place)
        except PortBusy:
            if time.monotonic() >= deadline:
                raise
        time.sleep(LOOK_S)
