"""Knows the header every frame opens with, and the sizes it leaves; it must not know any message."""

from struct import Struct
from typing import Final, NamedTuple

from .limits import FRAME_DECODED_BYTES_MAX, PROTOCOL_VERSION

VERSION: Final = PROTOCOL_VERSION
"""Version of the framing. New fields never raise it."""

FLAG_BENCH: Final = 1
FLAG_FROM_DEVICE: Final = 2
FLAG_TAGGED: Final = 4
"""An authentication tag is present. Tags are not built: such a frame is a VERSION fault."""

OPENING: Final = Struct("<BBH")
"""version, flags, type"""
HOST: Final = Struct(OPENING.format + "HII")
"""... then seq, request_id, session"""
DEVICE: Final = Struct(HOST.format + "IQ")
"""... then boot_seq, tick"""

HOST_BYTES: Final = HOST.size
DEVICE_BYTES: Final = DEVICE.size
CRC_BYTES: Final = 4
HOST_BODY_BYTES_MAX: Final = FRAME_DECODED_BYTES_MAX - HOST_BYTES - CRC_BYTES
DEVICE_BODY_BYTES_MAX: Final = FRAME_DECODED_BYTES_MAX - DEVICE_BYTES - CRC_BYTES


class Header(NamedTuple):
    """What stands before the body. `boot_seq` and `tick` are 0 in frames from the host, which do not carry them."""

    version: int
    flags: int
    type: int
    seq: int
    request_id: int
    session: int
    boot_seq: int = 0
    tick: int = 0

    @property
    def bench(self) -> bool:
        return bool(self.flags & FLAG_BENCH)

    @property
    def from_device(self) -> bool:
        return bool(self.flags & FLAG_FROM_DEVICE)
