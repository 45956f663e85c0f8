"""A USB/IP client of bytes alone, and what it is a client of, without a socket between them; it judges nothing."""

from typing import Final

from pumpbench.hil.usb import usbip
from pumpbench.hil.usb.bus import Attachment, Bus
from pumpbench.hil.usb.composite import FRAMES, OPEN
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.usbip_export import Export

DEVICE_DESCRIPTOR: Final = "8006000100001200"
SET_CONFIGURATION: Final = "0009010000000000"
OPEN_FRAMES: Final = f"010b{OPEN:02x}00{FRAMES:02x}000000"
BULK: Final = 1
"""The endpoint of frames, either way."""


class OneBus:
    """What a server has to give away, without a server."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.device = PumpDevice("P1")
        self.bus.plug(self.device)
        self.free = True

    def attached(self) -> list[Attachment]:
        return self.bus.attached

    def take(self, attachment: Attachment) -> bool:
        self.free, was = False, self.free
        return was

    def give_back(self, attachment: Attachment) -> None:
        self.free = True


class Client:
    """Says bytes to an export and keeps what it says; `step` cuts what is said into pieces of that many bytes."""

    def __init__(self, exports: OneBus, step: int = 1 << 20) -> None:
        self.exports = exports
        self.export = Export(exports, lambda: None)
        self._step = step
        self._seqnum = 0
        self._inbound: set[int] = set()

    def say(self, data: bytes) -> bytes:
        heard = b""
        for start in range(0, len(data), self._step):
            self.export.received(data[start : start + self._step])
            heard += self.export.outgoing()
        return heard

    def attach(self) -> bytes:
        """Imported and configured, with a session of frames."""
        heard = self.say(import_of("1-1"))
        self.control(SET_CONFIGURATION, 0)
        self.control(OPEN_FRAMES, 0)
        return heard

    def submit(self, endpoint: int, direction: int, length: int = 0, data: bytes = b"", asked: str = "", flags: int = 0) -> bytes:
        self._seqnum += 1
        if direction == usbip.TO_HOST:
            self._inbound.add(self._seqnum)
        head = (1, self._seqnum, 1 << 16 | self.exports.attached()[0].address, direction, endpoint, flags)
        message = usbip.SUBMIT.pack(*head, length or len(data), 0, 0, 0, bytes.fromhex(asked or "00" * 8))
        return self.say(message + data)

    def control(self, asked: str, direction: int, length: int = 0) -> bytes:
        return self.submit(0, direction, length, asked=asked)

    def ended(self, raw: bytes) -> list[tuple[int, int, bytes]]:
        """Of messages that end something, transfers or unlinkings: number, status, data."""
        found, at = [], 0
        while at < len(raw):
            told = usbip.Ended(*usbip.ENDED.unpack_from(raw, at))
            length = told.length if told.seqnum in self._inbound else 0
            found.append((told.seqnum, told.status, raw[at + 48 : at + 48 + length]))
            at += 48 + length
        return found

    def unlink(self, victim: int) -> bytes:
        self._seqnum += 1
        devid = 1 << 16 | self.exports.attached()[0].address
        return self.say(usbip.UNLINK.pack(2, self._seqnum, devid, 0, 0, victim))


def import_of(busid: str) -> bytes:
    return bytes.fromhex("01118003 00000000") + busid.encode().ljust(32, b"\0")
