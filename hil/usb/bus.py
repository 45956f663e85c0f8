"""A bus in this process: devices that are plugged in, each with an address of its own each time; knows no host's library."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.device import DeviceGone, UsbDevice
from pumpbench.hil.usb.layouts import fields_of
from pumpbench.hil.usb.parsing import Record, device_record
from pumpbench.hil.usb.setup import Setup, Stall


@dataclass(eq=False)
class Attachment:
    """One device for as long as it stays plugged in. `claims`: which handle has which interface."""

    address: int
    device: UsbDevice
    record: Record
    configurations: tuple[bytes, ...]
    gone: bool = False
    claims: dict[int, object] = field(default_factory=dict)

    def ask(self, asked: Setup, data: bytes = b"") -> bytes:
        """Raises `Stall` or `DeviceGone`."""
        if self.gone:
            raise DeviceGone
        return self.device.control(asked, data)


class Bus:
    """Does what a kernel does with a new device: asks what it is, gives it an address, chooses its first configuration."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        """Why a device was not taken in, one line each."""
        self.before_look: Callable[[], None] | None = None
        """Called before each look at what is plugged in: where a test plugs a device in again."""
        self._lock = threading.Lock()
        self._addresses = itertools.count(1)
        self._attached: list[Attachment] = []

    @property
    def attached(self) -> list[Attachment]:
        if self.before_look is not None:
            self.before_look()
        with self._lock:
            # A device may have gone by itself, with the pump behind it.
            self._attached = [one for one in self._attached if one.device.plugged and not one.gone]
            return list(self._attached)

    def plug(self, device: UsbDevice) -> None:
        """A device that says nonsense of itself is not taken in; `refused` tells."""
        device.plug()
        address = next(self._addresses) % 127 or 127
        try:
            found = _enumerated(device, address)
        except (Stall, DeviceGone, ValueError) as problem:
            self.refused.append(f"{device.declared.serial or 'a device'}: {str(problem) or type(problem).__name__}")
            device.unplug()
            return
        with self._lock:
            self._attached.append(found)

    def unplug(self, device: UsbDevice) -> None:
        with self._lock:
            for one in self._attached:
                one.gone = one.gone or one.device is device
        device.unplug()


def _enumerated(device: UsbDevice, address: int) -> Attachment:
    def ask(kind: int, index: int, length: int) -> bytes:
        return device.control(Setup(0x80, setup.GET_DESCRIPTOR, kind << 8 | index, 0, length))

    device.control(Setup(0, setup.SET_ADDRESS, address, 0, 0))
    record = device_record(ask(layouts.DEVICE.number, 0, layouts.DEVICE.packed.size))
    number = layouts.CONFIGURATION.number
    configurations = tuple(_configuration(ask, number, index) for index in range(record.bNumConfigurations))
    configure(device, configurations)
    return Attachment(address, device, record, configurations)


def _configuration(ask: Callable[[int, int, int], bytes], number: int, index: int) -> bytes:
    """First its head, which tells how long the whole is; whether that is true is for its reader to judge."""
    length = layouts.CONFIGURATION.packed.size
    for _ in range(2):
        raw = ask(number, index, length)
        length = int(fields_of(layouts.CONFIGURATION, raw)["wTotalLength"])
    return raw


def configure(device: UsbDevice, configurations: tuple[bytes, ...], value: int | None = None) -> None:
    """`value` None: the first. A device that refuses stays without, as under a kernel."""
    if not configurations:
        return
    chosen = layouts.CONFIGURATION.unpack(configurations[0])["bConfigurationValue"] if value is None else value
    try:
        device.control(Setup(0, setup.SET_CONFIGURATION, chosen, 0, 0))
    except Stall:
        return
