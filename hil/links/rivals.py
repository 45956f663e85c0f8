"""Who has claimed the other door of the USB device that a serial port is part of, as Linux's /sys tells it; opens nothing."""

from pathlib import Path
from typing import Final

from pumpbench.hil.links.holders import Holder, holders

PORTS: Final = Path("/sys/class/tty")
NODES: Final = "/dev/bus/usb/{:03d}/{:03d}"
VENDOR_CLASS: Final = "ff"
CLAIMED_BY_PROGRAM: Final = "usbfs"
"""What Linux calls the driver of an interface that a program has, by libusb."""


def rivals(port: str) -> list[Holder] | None:
    """The programs that talk to this pump through its interface for frames: it has one session, and they have it.

    None: nobody has claimed that. Only of the pump's own device, since on a probe the other interface is a debugger's.
    """
    from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID  # late: only a port of such a device needs it

    interface = (PORTS / Path(port).resolve().name / "device").resolve()
    device = interface.parent
    if [_hexadecimal(device / name) for name in ("idVendor", "idProduct")] != [VENDOR_ID, PRODUCT_ID]:
        return None
    if not any(map(_claimed, device.glob(f"{device.name}:*"))):
        return None
    return holders(NODES.format(int(_text(device / "busnum") or 0), int(_text(device / "devnum") or 0)))


def _claimed(interface: Path) -> bool:
    by_program = (interface / "driver").resolve().name == CLAIMED_BY_PROGRAM
    return by_program and _text(interface / "bInterfaceClass") == VENDOR_CLASS


def _hexadecimal(path: Path) -> int:
    return int(_text(path) or "-1", 16)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
