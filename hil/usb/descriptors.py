"""What a USB device says of itself, declared in types and built into bytes; checks nothing (rules.py) and serves nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pumpbench.hil.usb import layouts

ENGLISH: Final = 0x0409
BULK_BYTES_FULL: Final = 64
BULK_BYTES_HIGH: Final = 512
IN: Final = 0x80


class Speed(IntEnum):
    """The numbers are libusb's."""

    FULL = 2
    HIGH = 3

    @property
    def bulk_bytes(self) -> int:
        """The size of a full packet."""
        return BULK_BYTES_HIGH if self is Speed.HIGH else BULK_BYTES_FULL


class Kind(IntEnum):
    """Of an endpoint; the numbers are those of bmAttributes."""

    BULK = 2
    INTERRUPT = 3


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`number` 1 to 15; `inbound`: from the device to the host. `interval`: of polling, 0 for bulk."""

    number: int
    inbound: bool
    kind: Kind
    packet_bytes: int
    interval: int = 0

    @property
    def address(self) -> int:
        return self.number | (IN if self.inbound else 0)


@dataclass(frozen=True, slots=True)
class Interface:
    """One alternate setting of an interface. `functional`: class-specific descriptors, built by `layouts`."""

    number: int
    class_code: int
    subclass: int = 0
    protocol: int = 0
    alternate: int = 0
    endpoints: tuple[Endpoint, ...] = ()
    functional: tuple[bytes, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Association:
    """Interfaces that are one function together: without it a host binds a driver to each alone."""

    first: int
    count: int
    class_code: int
    subclass: int = 0
    protocol: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`interfaces` in order of number and alternate; each association stands before its first interface."""

    interfaces: tuple[Interface, ...]
    associations: tuple[Association, ...] = ()
    value: int = 1
    self_powered: bool = False
    power_ma: int = 100
    name: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """A whole device. `release` and `usb_release` are binary coded decimal, 0x0100 for 1.00."""

    vendor_id: int
    product_id: int
    serial: str
    configurations: tuple[Configuration, ...]
    manufacturer: str = ""
    product: str = ""
    release: int = 0x0100
    usb_release: int = 0x0200
    class_code: int = 0
    subclass: int = 0
    protocol: int = 0
    control_packet_bytes: int = 64


def strings_of(declared: Declared) -> tuple[str, ...]:
    """Every name once, in the order of their indexes, which begin at 1."""
    return tuple(dict.fromkeys(name for name in _names(declared) if name))


def _names(declared: Declared) -> Iterator[str]:
    yield from (declared.manufacturer, declared.product, declared.serial)
    for configuration in declared.configurations:
        yield configuration.name
        yield from (one.name for one in configuration.associations)
        yield from (one.name for one in configuration.interfaces)


class Built:
    """The bytes of a declaration, by what a host asks for."""

    def __init__(self, declared: Declared) -> None:
        self._strings = strings_of(declared)
        self.device = self._device(declared)
        self.qualifier = self._qualifier(declared)
        self.configurations = tuple(self._configuration(one) for one in declared.configurations)
        self.strings = (_languages(), *(_string(text) for text in self._strings))

    @property
    def renumbered(self) -> tuple[bytes, ...]:
        """The configurations as a host asks for them while the device runs at the other speed."""
        return tuple(one[:1] + bytes([layouts.OTHER_SPEED]) + one[2:] for one in self.configurations)

    def _index(self, name: str) -> int:
        return self._strings.index(name) + 1 if name else 0

    def _device(self, declared: Declared) -> bytes:
        return layouts.DEVICE.pack(
            bcdUSB=declared.usb_release,
            bDeviceClass=declared.class_code,
            bDeviceSubClass=declared.subclass,
            bDeviceProtocol=declared.protocol,
            bMaxPacketSize0=declared.control_packet_bytes,
            idVendor=declared.vendor_id,
            idProduct=declared.product_id,
            bcdDevice=declared.release,
            iManufacturer=self._index(declared.manufacturer),
            iProduct=self._index(declared.product),
            iSerialNumber=self._index(declared.serial),
            bNumConfigurations=len(declared.configurations),
        )

    def _qualifier(self, declared: Declared) -> bytes:
        return layouts.QUALIFIER.pack(
            bcdUSB=declared.usb_release,
            bDeviceClass=declared.class_code,
            bDeviceSubClass=declared.subclass,
            bDeviceProtocol=declared.protocol,
            bMaxPacketSize0=declared.control_packet_bytes,
            bNumConfigurations=len(declared.configurations),
            bReserved=0,
        )

    def _configuration(self, one: Configuration) -> bytes:
        body = b"".join(self._interfaces(one))
        head = layouts.CONFIGURATION.pack(
            wTotalLength=layouts.CONFIGURATION.packed.size + len(body),
            bNumInterfaces=len({interface.number for interface in one.interfaces}),
            bConfigurationValue=one.value,
            iConfiguration=self._index(one.name),
            bmAttributes=0x80 | (0x40 if one.self_powered else 0),
            bMaxPower=one.power_ma // 2,
        )
        return head + body

    def _interfaces(self, configuration: Configuration) -> Iterator[bytes]:
        waiting = {one.first: one for one in configuration.associations}
        for interface in configuration.interfaces:
            if association := waiting.pop(interface.number, None):
                yield self._association(association)
            yield self._interface(interface)

    def _association(self, one: Association) -> bytes:
        return layouts.ASSOCIATION.pack(
            bFirstInterface=one.first,
            bInterfaceCount=one.count,
            bFunctionClass=one.class_code,
            bFunctionSubClass=one.subclass,
            bFunctionProtocol=one.protocol,
            iFunction=self._index(one.name),
        )

    def _interface(self, one: Interface) -> bytes:
        head = layouts.INTERFACE.pack(
            bInterfaceNumber=one.number,
            bAlternateSetting=one.alternate,
            bNumEndpoints=len(one.endpoints),
            bInterfaceClass=one.class_code,
            bInterfaceSubClass=one.subclass,
            bInterfaceProtocol=one.protocol,
            iInterface=self._index(one.name),
        )
        return b"".join((head, *one.functional, *(_endpoint(endpoint) for endpoint in one.endpoints)))


def _endpoint(one: Endpoint) -> bytes:
    return layouts.ENDPOINT.pack(
        bEndpointAddress=one.address, bmAttributes=one.kind, wMaxPacketSize=one.packet_bytes, bInterval=one.interval
    )


def _languages() -> bytes:
    return bytes([4, layouts.STRING]) + ENGLISH.to_bytes(2, "little")


def _string(text: str) -> bytes:
    body = text.encode("utf-16-le")
    return bytes([2 + len(body), layouts.STRING]) + body
