"""The packets of usb-redir 0.7 and how they lie in bytes, as its own page tells; it moves and judges none."""

import struct
from enum import IntEnum
from typing import Final, NamedTuple

VERSION_BYTES: Final = 64
HEAD: Final = struct.Struct("<III")
HEAD_WIDE: Final = struct.Struct("<IIQ")
"""Type, length of what follows, id. The wide one where both sides can, but never for a hello."""
CAPABILITIES: Final = struct.Struct("<I")
ENDPOINTS: Final = 32
"""0 to 15 outbound, then 0 to 15 inbound."""


class Packet(IntEnum):
    """Types. Streams of any kind, isochronous or bulk, are left out: no device here has them."""

    HELLO = 0
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_ISO_STREAM = 12
    STOP_ISO_STREAM = 13
    ISO_STREAM_STATUS = 14
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    CONTROL_PACKET = 100
    BULK_PACKET = 101
    INTERRUPT_PACKET = 103


OF_A_DEVICE: Final = (Packet.DEVICE_CONNECT, Packet.INTERFACE_INFO, Packet.EP_INFO)
"""With which a device's side begins."""


class Cap(IntEnum):
    """Numbers of bits in the capabilities of a hello."""

    CONNECT_DEVICE_VERSION = 1
    FILTER = 2
    DEVICE_DISCONNECT_ACK = 3
    EP_INFO_MAX_PACKET_SIZE = 4
    WIDE_IDS = 5
    WIDE_BULK_LENGTH = 6


class Status(IntEnum):
    """How what was asked has ended."""

    SUCCESS = 0
    CANCELLED = 1
    INVALID = 2
    IO_ERROR = 3
    STALL = 4
    TIMEOUT = 5
    BABBLE = 6


OURS: Final = frozenset(Cap)
NO_ENDPOINT: Final = 255
"""In place of its kind."""
SPEED_FULL, SPEED_HIGH = 1, 2


class Connect(NamedTuple):
    """The device that is there now; the last field only with its capability."""

    speed: int
    class_code: int
    subclass: int
    protocol: int
    vendor_id: int
    product_id: int
    release: int


class Control(NamedTuple):
    """A control transfer; where it goes out, `length` bytes follow the request, else the answer."""

    endpoint: int
    request: int
    request_type: int
    status: int
    w_value: int
    w_index: int
    length: int


class Bulk(NamedTuple):
    """`length_high`: only with its capability."""

    endpoint: int
    status: int
    length_low: int
    stream_id: int
    length_high: int = 0

    @property
    def length(self) -> int:
        return self.length_high << 16 | self.length_low


class Interrupt(NamedTuple):
    endpoint: int
    status: int
    length: int


CONNECT: Final = struct.Struct("<BBBBHHH")
CONNECT_OLD: Final = struct.Struct("<BBBBHH")
INTERFACE_INFO: Final = struct.Struct("<I32s32s32s32s")
EP_INFO: Final = struct.Struct("<32s32s32s32H")
EP_INFO_OLD: Final = struct.Struct("<32s32s32s")
CONFIGURATION: Final = struct.Struct("<B")
CONFIGURATION_STATUS: Final = struct.Struct("<BB")
SET_ALT: Final = struct.Struct("<BB")
GET_ALT: Final = struct.Struct("<B")
ALT_STATUS: Final = struct.Struct("<BBB")
ISO_START: Final = struct.Struct("<BBB")
ENDPOINT: Final = struct.Struct("<B")
RECEIVING_STATUS: Final = struct.Struct("<BB")
CONTROL: Final = struct.Struct("<BBBBHHH")
BULK: Final = struct.Struct("<BBHIH")
BULK_OLD: Final = struct.Struct("<BBHI")
INTERRUPT: Final = struct.Struct("<BBH")

NOTHING: Final = struct.Struct("")

FROM_GUEST: Final[dict[int, struct.Struct]] = {
    Packet.RESET: NOTHING,
    Packet.SET_CONFIGURATION: CONFIGURATION,
    Packet.GET_CONFIGURATION: NOTHING,
    Packet.SET_ALT_SETTING: SET_ALT,
    Packet.GET_ALT_SETTING: GET_ALT,
    Packet.START_ISO_STREAM: ISO_START,
    Packet.STOP_ISO_STREAM: ENDPOINT,
    Packet.START_INTERRUPT_RECEIVING: ENDPOINT,
    Packet.STOP_INTERRUPT_RECEIVING: ENDPOINT,
    Packet.CANCEL_DATA_PACKET: NOTHING,
    Packet.FILTER_REJECT: NOTHING,
    Packet.DEVICE_DISCONNECT_ACK: NOTHING,
    Packet.CONTROL_PACKET: CONTROL,
    Packet.INTERRUPT_PACKET: INTERRUPT,
}
"""What a guest may send and what each begins with; a bulk packet has two forms, a filter is text."""
WITH_DATA: Final = frozenset({Packet.CONTROL_PACKET, Packet.BULK_PACKET, Packet.INTERRUPT_PACKET})


def slot_of(address: int) -> int:
    """Where an endpoint stands in an array over all of them."""
    return (address & 0x80) >> 3 | address & 0x0F


def pack_hello(version: str, caps: frozenset[Cap]) -> bytes:
    """The whole packet."""
    body = version.encode()[: VERSION_BYTES - 1].ljust(VERSION_BYTES, b"\0") + CAPABILITIES.pack(sum(1 << cap for cap in caps))
    return HEAD.pack(Packet.HELLO, len(body), 0) + body


def caps_in(hello: bytes) -> frozenset[Cap]:
    """Of the body of a hello: those that are known here."""
    words = hello[VERSION_BYTES:]
    bits = int.from_bytes(words[: len(words) // 4 * 4], "little")
    return frozenset(cap for cap in Cap if bits >> cap & 1)
