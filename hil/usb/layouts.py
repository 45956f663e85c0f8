"""The fields of each USB descriptor by their names in the specification, and how they lie in bytes; judges no value."""

import struct
from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Layout(NamedTuple):
    """One kind of descriptor. Its first two fields, length and type, are filled in, never given."""

    number: int
    names: tuple[str, ...]
    packed: struct.Struct
    subtype: int | None = None
    """Of a class-specific descriptor: its third byte, filled in too."""

    @property
    def head(self) -> tuple[int, ...]:
        own = (self.packed.size, self.number)
        return own if self.subtype is None else (*own, self.subtype)

    def pack(self, tail: bytes = b"", **fields: int) -> bytes:
        """Exactly the layout's own fields by name; `tail`: what follows them inside the same descriptor.

        Raises `struct.error` where a number does not fit its field.
        """
        wanted = self.names[len(self.head) :]
        if fields.keys() != set(wanted):
            raise TypeError(f"descriptor {self.number:#04x}: expected {', '.join(wanted)}, got {', '.join(fields)}")
        length = self.packed.size + len(tail)
        return self.packed.pack(length, *self.head[1:], *(fields[name] for name in wanted)) + tail

    def unpack(self, raw: bytes) -> dict[str, int]:
        """The fields at the start of `raw`, which is at least as long as they are."""
        return dict(zip(self.names, self.packed.unpack_from(raw), strict=True))


def _layout(number: int, packed: str, names: str, subtype: int | None = None) -> Layout:
    head = ("bLength", "bDescriptorType") if subtype is None else ("bFunctionLength", "bDescriptorType", "bDescriptorSubtype")
    return Layout(number, (*head, *names.split()), struct.Struct("<" + "B" * len(head) + packed), subtype)


# USB 2.0 table 9-8 to 9-16, and the Interface Association ECN.
DEVICE: Final = _layout(
    1,
    "HBBBBHHHBBBB",
    "bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 idVendor idProduct bcdDevice"
    " iManufacturer iProduct iSerialNumber bNumConfigurations",
)
CONFIGURATION: Final = _layout(
    2, "HBBBBB", "wTotalLength bNumInterfaces bConfigurationValue iConfiguration bmAttributes bMaxPower"
)
INTERFACE: Final = _layout(
    4,
    "BBBBBBB",
    "bInterfaceNumber bAlternateSetting bNumEndpoints bInterfaceClass bInterfaceSubClass bInterfaceProtocol iInterface",
)
ENDPOINT: Final = _layout(5, "BBHB", "bEndpointAddress bmAttributes wMaxPacketSize bInterval")
QUALIFIER: Final = _layout(
    6, "HBBBBBB", "bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 bNumConfigurations bReserved"
)
ASSOCIATION: Final = _layout(
    11, "BBBBBB", "bFirstInterface bInterfaceCount bFunctionClass bFunctionSubClass bFunctionProtocol iFunction"
)
STRING: Final = 3
OTHER_SPEED: Final = 7
# CDC 1.2 chapter 5.2.3 and PSTN 1.2 chapter 5.3: what makes a pair of interfaces a serial port.
CLASS_SPECIFIC: Final = 0x24
CDC_HEADER: Final = _layout(CLASS_SPECIFIC, "H", "bcdCDC", 0x00)
CDC_CALLS: Final = _layout(CLASS_SPECIFIC, "BB", "bmCapabilities bDataInterface", 0x01)
CDC_ACM: Final = _layout(CLASS_SPECIFIC, "B", "bmCapabilities", 0x02)
CDC_UNION: Final = _layout(CLASS_SPECIFIC, "BB", "bControlInterface bSubordinateInterface0", 0x06)
# PSTN 1.2 table 17 is no descriptor, but a structure that travels the same way.
LINE_CODING: Final = struct.Struct("<IBBB")

STANDARD: Final[Mapping[int, Layout]] = {one.number: one for one in (DEVICE, CONFIGURATION, INTERFACE, ENDPOINT, ASSOCIATION)}


def records(raw: bytes) -> list[tuple[int, bytes]]:
    """Type and bytes of each descriptor in turn. Raises `ValueError` where a length lies: below 2, or past the end."""
    found = []
    at = 0
    while at < len(raw):
        length = raw[at]
        if length < 2 or at + length > len(raw):
            raise ValueError(f"a descriptor at byte {at} says it is {length} bytes long, {len(raw) - at} are left")
        found.append((raw[at + 1], raw[at : at + length]))
        at += length
    return found


def fields_of(layout: Layout, raw: bytes) -> dict[str, Any]:
    """Raises `ValueError` for a descriptor that is shorter than its own fields."""
    if len(raw) < layout.packed.size:
        raise ValueError(f"a descriptor of type {layout.number:#04x} has {len(raw)} bytes, expected {layout.packed.size}")
    return layout.unpack(raw)
