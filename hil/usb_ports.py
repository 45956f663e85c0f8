"""The pumps on this machine's own USB, each with where it is plugged in; it claims none, and sees none that a process serves."""

import os
from pathlib import Path
from typing import Any, Final

import usb.core
from usb.backend import libusb1

from pumpbench.hil.links.errors import PortMissing
from pumpbench.hil.links.usb_find import UsbName, libusb, serial_of
from pumpbench.hil.ports import Port
from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID

NODES: Final = Path("/dev/bus/usb")
CURE: Final = "apt install libusb-1.0-0"


def has_libusb() -> bool:
    """Without it there is no real device; one that this process serves needs none."""
    return libusb1.get_backend() is not None


def pumps(backend: Any = None) -> list[Port]:
    """Those under the pump's own number; none where there is no libusb or no USB. Raises nothing."""
    try:
        chosen = backend or libusb("usb")
        found = list(usb.core.find(find_all=True, backend=chosen, idVendor=VENDOR_ID, idProduct=PRODUCT_ID))
    except (PortMissing, usb.core.USBError, NotImplementedError):
        return []
    return [_port(one) for one in found]


def node_of(device: Any) -> Path:
    """The file whose owner and rights decide who may open it."""
    return NODES / f"{device.bus or 0:03d}" / f"{device.address or 0:03d}"


def _port(device: Any) -> Port:
    serial = serial_of(device)
    ports = ".".join(str(number) for number in device.port_numbers or ())
    return Port(
        device=str(UsbName(device.idVendor, device.idProduct, serial)),
        vid_pid=f"{device.idVendor:04x}:{device.idProduct:04x}",
        usb_serial=serial,
        topology=f"{device.bus}-{ports}" if ports else str(device.bus or ""),
        driver="libusb",
        description=_product(device),
        since_s=_made_s(device),
    )


def _product(device: Any) -> str:
    try:
        return str(device.product or "")
    except (usb.core.USBError, ValueError, LookupError, NotImplementedError):
        return "closed to you: see `pumpbench doctor usb:1209:0001`"


def _made_s(device: Any) -> float:
    try:
        return os.stat(node_of(device)).st_ctime
    except OSError:
        return 0.0
