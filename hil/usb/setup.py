"""The eight bytes that open a control transfer, and the numbers they may hold; answers none of them."""

import struct
from typing import Final, NamedTuple

_PACKED: Final = struct.Struct("<BBHHH")

TO_HOST: Final = 0x80
STANDARD, CLASS, VENDOR = 0x00, 0x20, 0x40
KIND_MASK, RECIPIENT_MASK = 0x60, 0x1F
DEVICE, INTERFACE, ENDPOINT = 0, 1, 2

GET_STATUS, CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS = 0, 1, 3, 5
GET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION = 6, 8, 9
GET_INTERFACE, SET_INTERFACE = 10, 11
ENDPOINT_HALT: Final = 0
SELF_POWERED: Final = 0x40

SET_LINE_CODING, GET_LINE_CODING, SET_CONTROL_LINE_STATE, SEND_BREAK = 0x20, 0x21, 0x22, 0x23
SERIAL_STATE: Final = 0x20
DTR, RTS = 1, 2
DCD, DSR = 1, 2


class Stall(Exception):
    """The device refuses a control request, which is all it can say on USB."""


class Setup(NamedTuple):
    """Names as in chapter 9 of the specification, in our spelling."""

    request_type: int
    request: int
    w_value: int
    w_index: int
    w_length: int

    @classmethod
    def unpack(cls, raw: bytes) -> "Setup":
        """From exactly eight bytes, as USB/IP carries them; raises `struct.error` for another count."""
        return cls(*_PACKED.unpack(raw))

    def pack(self) -> bytes:
        return _PACKED.pack(*self)

    @property
    def to_host(self) -> bool:
        return bool(self.request_type & TO_HOST)

    @property
    def kind(self) -> int:
        return self.request_type & KIND_MASK

    @property
    def recipient(self) -> int:
        return self.request_type & RECIPIENT_MASK
