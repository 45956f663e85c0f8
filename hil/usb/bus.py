"""A bus in this process: devices that are plugged in, each with an address of its own each time; knows no host's library."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.descriptors import Speed
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.layouts import fields_of
from pumpbench.hil.usb.parsing import ConfigurationTree, Record, device_record
from pumpbench.hil.usb.rules import DescriptorInvalid
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Transfer


class BusDevice(Protocol):
    """What a bus and its hosts need of a device, be it a model in this process (device.py) or one that a server elsewhere has.

    `on_unplug` is called, from any thread, once it is off its bus; it may note it, and do no more. `broken`: where it went by
    somebody's fault, one line; else empty.
    """

    speed: Speed
    plugged: bool
    broken: str
    on_unplug: Callable[[], None]

    @property
    def name(self) -> str:
        """Its serial number, for messages to people."""
        ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def reset(self) -> None: ...

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        """Raises `Stall` or `DeviceGone`."""
        ...

    def submit(self, transfer: Transfer) -> None:
        """Raises `LookupError` where no such endpoint is in force."""
        ...

    def cancel(self, transfer: Transfer) -> None: ...


@dataclass(eq=False)
class Attachment:
    """One device for as long as it stays plugged in. `claims`: which handle has which interface; `alternates`: of each, in force.

    `address` is another each time, `port` the lowest that was free: a device alone is always at port 1.
    """

    address: int
    port: int
    device: BusDevice
    record: Record
    configurations: tuple[bytes, ...]
    gone: bool = False
    claims: dict[int, object] = field(default_factory=dict)
    alternates: dict[int, int] = field(default_factory=dict)

    def ask(self, asked: Setup, data: bytes = b"") -> bytes:
        """Raises `Stall` or `DeviceGone`."""
        if self.gone:
            raise DeviceGone
        answer = self.device.control(asked, data)
        if (asked.request_type, asked.request) == (0x00, setup.SET_CONFIGURATION):
            self.alternates = dict.fromkeys(self._numbers(asked.w_value), 0)
        elif (asked.request_type, asked.request) == (0x01, setup.SET_INTERFACE):
            self.alternates[asked.w_index] = asked.w_value
        return answer

    def configure(self, value: int | None = None) -> None:
        """None: the first. A device that refuses stays without, as under a kernel."""
        if not self.configurations:
            return
        chosen = layouts.CONFIGURATION.unpack(self.configurations[0])["bConfigurationValue"] if value is None else value
        try:
            self.ask(Setup(0, setup.SET_CONFIGURATION, chosen, 0, 0))
        except Stall:
            return

    def start_anew(self) -> None:
        """Resets it and chooses its first configuration, as for a host that finds it new.

        Of a device that is gone, nothing: it may be plugged in again by now, and somebody else's.
        """
        if self.gone:
            return
        try:
            self.device.reset()
            self.ask(Setup(0, setup.SET_ADDRESS, self.address, 0, 0))
            self.configure()
        except (DeviceGone, Stall):
            return

    def _numbers(self, value: int) -> set[int]:
        """Of the interfaces of a configuration; none where its descriptors do not hold together."""
        try:
            trees = [ConfigurationTree(raw) for raw in self.configurations]
        except DescriptorInvalid:
            return set()
        chosen = [one for tree in trees if tree.record.bConfigurationValue == value for one in tree.interfaces]
        return {alternates[0].bInterfaceNumber for alternates in chosen}


class Bus:
    """Does what a kernel does with a new device: asks what it is, gives it an address, chooses its first configuration."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        """Why a device was not taken in, one line each."""
        self.before_look: Callable[[], None] | None = None
        """Called before each look at what is plugged in: where a test plugs a device in again."""
        self.watchers: list[Callable[[], None]] = []
        """Called, from any thread, after a device came or went; they may note it, and do no more."""
        self._lock = threading.Lock()
        self._addresses = itertools.count(1)
        self._attached: list[Attachment] = []

    @property
    def attached(self) -> list[Attachment]:
        if self.before_look is not None:
            self.before_look()
        return self._present()

    def plug(self, device: BusDevice) -> None:
        """A device that says nonsense of itself is not taken in; `refused` tells."""
        address = next(self._addresses) % 127 or 127
        taken = {one.port for one in self._present() if one.device is not device}
        port = next(number for number in itertools.count(1) if number not in taken)
        try:
            device.plug()
            found = _enumerated(device, address, port)
        except (Stall, DeviceGone, ValueError) as problem:
            self.refused.append(f"{device.name or 'a device'}: {str(problem) or type(problem).__name__}")
            device.unplug()
            return
        with self._lock:
            for one in self._attached:
                one.gone = one.gone or one.device is device
            self._attached.append(found)
        device.on_unplug = self._tell
        self._tell()

    def unplug(self, device: BusDevice) -> None:
        with self._lock:
            for one in self._attached:
                one.gone = one.gone or one.device is device
        device.unplug()

    def _present(self) -> list[Attachment]:
        with self._lock:
            # A device may have gone by itself, with the pump behind it.
            self._attached = [one for one in self._attached if one.device.plugged and not one.gone]
            return list(self._attached)

    def _tell(self) -> None:
        for watcher in list(self.watchers):
            watcher()


def _enumerated(device: BusDevice, address: int, port: int) -> Attachment:
    def ask(kind: int, index: int, length: int) -> bytes:
        return device.control(Setup(0x80, setup.GET_DESCRIPTOR, kind << 8 | index, 0, length))

    device.control(Setup(0, setup.SET_ADDRESS, address, 0, 0))
    record = device_record(ask(layouts.DEVICE.number, 0, layouts.DEVICE.packed.size))
    number = layouts.CONFIGURATION.number
    configurations = tuple(_configuration(ask, number, index) for index in range(record.bNumConfigurations))
    found = Attachment(address, port, device, record, configurations)
    found.configure()
    return found


def _configuration(ask: Callable[[int, int, int], bytes], number: int, index: int) -> bytes:
    """First its head, which tells how long the whole is; whether that is true is for its reader to judge."""
    length = layouts.CONFIGURATION.packed.size
    for _ in range(2):
        raw = ask(number, index, length)
        length = int(fields_of(layouts.CONFIGURATION, raw)["wTotalLength"])
    return raw
