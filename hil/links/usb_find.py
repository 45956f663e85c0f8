"""Which USB device a name means, and which of its endpoints carry frames, by its descriptors alone; claims nothing."""

from __future__ import annotations

import errno
import re
from typing import Any, Final, NamedTuple

import usb.core
import usb.util

from pumpbench.hil.links.errors import PortDenied, PortMissing, UrlInvalid

VENDOR_CLASS: Final = 0xFF
PACKET_BYTES: Final = (8, 16, 32, 64, 512, 1024)
"""Of a bulk endpoint, at any speed."""
NAME: Final = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(.+))?")
# What a device can make pyusb raise while it is only asked who it is.
ASTRAY: Final = (usb.core.USBError, ValueError, LookupError, TypeError, NotImplementedError)


class UsbName(NamedTuple):
    """`serial` empty: the only one of its kind that is plugged in."""

    vendor_id: int
    product_id: int
    serial: str = ""

    @classmethod
    def parse(cls, text: str) -> UsbName:
        """From `<vid>:<pid>[:<serial>]`, in hexadecimal. Raises `ValueError`, one line."""
        found = NAME.fullmatch(text)
        if found is None:
            raise ValueError("expected usb:<vid>:<pid>[:<serial>], four hexadecimal digits each, such as usb:1209:0001")
        return cls(int(found[1], 16), int(found[2], 16), found[3] or "")

    def __str__(self) -> str:
        return f"usb:{self.vendor_id:04x}:{self.product_id:04x}" + (f":{self.serial}" if self.serial else "")


class Lane(NamedTuple):
    """One vendor interface in one alternate setting, with a bulk endpoint each way. `packet_bytes`: outbound."""

    interface: int
    alternate: int
    inbound: int
    outbound: int
    packet_bytes: int


def find_device(name: UsbName, backend: Any, shown: str) -> Any:
    """pyusb's device. Raises `PortMissing`, `PortDenied`, or `UrlInvalid` where several fit."""
    found = _kin(name, backend or libusb(shown), shown)
    hint = "" if backend else _hint(name)
    if not name.serial:
        if len(found) == 1:
            return found[0]
        if not found:
            raise PortMissing(shown, "no such device", f"plug it in, or see `pumpbench list`{hint}")
        serials = ", ".join(f"{name}:{serial_of(one) or '?'}" for one in found)
        raise UrlInvalid(shown, f"{len(found)} such devices are plugged in", f"choose one by its serial number: {serials}")
    known: list[str] = []
    refused: usb.core.USBError | None = None
    for one in found:
        serial, problem = _serial(one)
        if serial.lower() == name.serial.lower():
            return one
        known.append(serial or "one that does not tell its serial number")
        refused = problem or refused
    if refused is not None and refused.errno in (errno.EACCES, errno.EPERM):
        raise PortDenied(shown, "this user may not ask it for its serial number", denied_remedy(found[0])) from refused
    raise PortMissing(shown, "no such device", f"plug it in; seen: {', '.join(known) or 'none'}{hint}")


def find_lane(device: Any, shown: str) -> Lane:
    """In the configuration that is in force; where none is, the first that has one is set. Raises `UrlInvalid`, `USBError`."""
    active = _active(device)
    for configuration in [active] if active is not None else list(device):
        lane = next((lane for lane in map(_lane, configuration) if lane is not None), None)
        if lane is not None:
            if active is None:
                device.set_configuration(configuration.bConfigurationValue)
            return lane
    what = "no vendor interface with a bulk endpoint each way in its descriptors"
    raise UrlInvalid(shown, what, "is this the pump's firmware? a serial adapter is serial:/dev/ttyACM0")


def serial_of(device: Any) -> str:
    """Empty where it has none, or does not tell this user."""
    return _serial(device)[0]


def denied_remedy(device: Any) -> str:
    """The line of udev that lets this user in, and the file that has it."""
    which = f'ATTR{{idVendor}}=="{device.idVendor:04x}", ATTR{{idProduct}}=="{device.idProduct:04x}"'
    rule = f'SUBSYSTEM=="usb", {which}, TAG+="uaccess"'
    return f"install 60-pumpbench.rules (`pumpbench doctor` tells how), or give udev this line and plug it in again: {rule}"


def _active(device: Any) -> Any:
    try:
        return device.get_active_configuration()
    except usb.core.USBError as problem:
        if problem.errno is not None:
            raise
        return None  # pyusb's own word for a device that has none


def _lane(one: Any) -> Lane | None:
    if one.bInterfaceClass != VENDOR_CLASS:
        return None
    bulk = [end for end in one if usb.util.endpoint_type(end.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK]
    usable = [end for end in bulk if end.wMaxPacketSize in PACKET_BYTES and usb.util.endpoint_address(end.bEndpointAddress)]
    inbound = [end for end in usable if usb.util.endpoint_direction(end.bEndpointAddress) == usb.util.ENDPOINT_IN]
    outbound = [end for end in usable if end not in inbound]
    if not inbound or not outbound:
        return None
    return Lane(
        one.bInterfaceNumber,
        one.bAlternateSetting,
        inbound[0].bEndpointAddress,
        outbound[0].bEndpointAddress,
        outbound[0].wMaxPacketSize,
    )


def _kin(name: UsbName, backend: Any, shown: str) -> list[Any]:
    try:
        return list(usb.core.find(find_all=True, backend=backend, idVendor=name.vendor_id, idProduct=name.product_id))
    except ASTRAY as problem:
        raise PortMissing(shown, f"the devices on USB cannot be listed ({problem})", "see `pumpbench doctor`") from problem


def _serial(device: Any) -> tuple[str, usb.core.USBError | None]:
    """Empty where it has none or does not tell; then why. Leaves the device closed."""
    try:
        return str(device.serial_number or ""), None
    except usb.core.USBError as problem:
        return "", problem
    except ASTRAY as problem:
        # pyusb swallows why the languages could not be read, so it is asked again.
        return "", _refusal(device) or usb.core.USBError(str(problem))
    finally:
        usb.util.dispose_resources(device)


def _refusal(device: Any) -> usb.core.USBError | None:
    try:
        usb.util.get_langids(device)
    except usb.core.USBError as problem:
        return problem
    except ASTRAY:
        return None
    return None


def libusb(shown: str) -> Any:
    """pyusb's own backend over the library of the system. Raises `PortMissing` where there is none."""
    # Late, because only a real device needs it.
    from usb.backend import libusb1

    found = libusb1.get_backend()
    if found is None:
        raise PortMissing(shown, "no libusb that loads on this machine", "apt install libusb-1.0-0")
    return found


def _hint(name: UsbName) -> str:
    """Nothing stands in by itself: whoever has no device may ask for one."""
    from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID

    own = (name.vendor_id, name.product_id) == (VENDOR_ID, PRODUCT_ID)
    return "; without one, usb:1209:0001@emulator serves one in this process" if own else ""
