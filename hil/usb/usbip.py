"""The messages of USB/IP 1.1.1 and how they lie in bytes, as Linux documents them; it moves and judges none."""

import struct
from enum import IntEnum
from typing import Final, NamedTuple

VERSION: Final = 0x0111
PORT_DEFAULT: Final = 3240
BUSID_BYTES: Final = 32
PATH_BYTES: Final = 256
TO_DEVICE, TO_HOST = 0, 1
"""Of a transfer: the direction of its data."""
NOT_ISOCHRONOUS: Final = (0, -1)
"""Numbers of packets that mean none: what kernels send, and what the page says."""
SHORT_NOT_OK: Final = 0x0001
ZERO_PACKET: Final = 0x0040
"""Transfer flags of Linux that a device has to know of: a short answer is an error; an empty packet has to end a full one."""


class Op(IntEnum):
    """What a client asks before it has a device, and what it is told."""

    REQ_DEVLIST = 0x8005
    REP_DEVLIST = 0x0005
    REQ_IMPORT = 0x8003
    REP_IMPORT = 0x0003


class Said(IntEnum):
    """Why an import is refused."""

    OK = 0
    BUSY = 2
    NO_DEVICE = 4


class Command(IntEnum):
    """What passes once a device is imported."""

    CMD_SUBMIT = 1
    CMD_UNLINK = 2
    RET_SUBMIT = 3
    RET_UNLINK = 4


class Status(IntEnum):
    """How a transfer ended: Linux's error numbers, whatever system this is."""

    OK = 0
    NO_ANSWER = -71  # EPROTO: nobody on the bus answers there
    STALL = -32  # EPIPE
    BABBLE = -75  # EOVERFLOW
    UNLINKED = -104  # ECONNRESET
    GONE = -108  # ESHUTDOWN
    SHORT = -121  # EREMOTEIO


class OpHead(NamedTuple):
    version: int
    code: int
    status: int


class Exported(NamedTuple):
    """A device as a list or an import tells it. `busid` names it; `busnum` and `devnum` make the number that transfers carry."""

    path: bytes
    busid: bytes
    busnum: int
    devnum: int
    speed: int
    vendor_id: int
    product_id: int
    release: int
    class_code: int
    subclass: int
    protocol: int
    configuration: int
    configuration_count: int
    interface_count: int

    @property
    def devid(self) -> int:
        return self.busnum << 16 | self.devnum


class Submit(NamedTuple):
    """A transfer that is asked for; where it is to the device, `length` bytes follow."""

    command: int
    seqnum: int
    devid: int
    direction: int
    endpoint: int
    flags: int
    length: int
    start_frame: int
    packet_count: int
    interval: int
    setup: bytes


class Ended(NamedTuple):
    """A transfer that has ended; where it was to the host, `length` bytes follow."""

    command: int
    seqnum: int
    devid: int
    direction: int
    endpoint: int
    status: int
    length: int
    start_frame: int
    packet_count: int
    error_count: int


class Unlink(NamedTuple):
    """A transfer that is to be cancelled, by the `seqnum` it was submitted with."""

    command: int
    seqnum: int
    devid: int
    direction: int
    endpoint: int
    victim: int


class Unlinked(NamedTuple):
    """`status` OK: the transfer had ended already, and its end was told before this."""

    command: int
    seqnum: int
    devid: int
    direction: int
    endpoint: int
    status: int


OP_HEAD: Final = struct.Struct(">HHI")
COUNT: Final = struct.Struct(">I")
EXPORTED: Final = struct.Struct(f">{PATH_BYTES}s{BUSID_BYTES}sIIIHHHBBBBBB")
INTERFACE: Final = struct.Struct(">BBBx")
# All four are 48 bytes long, and begin with the same five numbers.
SUBMIT: Final = struct.Struct(">IIIIIIiiii8s")
ENDED: Final = struct.Struct(">IIIIIiiiii8x")
UNLINK: Final = struct.Struct(">IIIIII24x")
UNLINKED: Final = struct.Struct(">IIIIIi24x")
MESSAGE_BYTES: Final = SUBMIT.size
assert {one.size for one in (SUBMIT, ENDED, UNLINK, UNLINKED)} == {48}


def text_of(field: bytes) -> str:
    """Of a name in a field of fixed length, whatever is in there."""
    return field.partition(b"\0")[0].decode("ascii", errors="replace")
