"""A usb-redir guest of bytes alone, and the host it talks to, without a socket between them; it judges nothing."""

from pumpbench.hil.usb import usbredir
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import FRAMES, OPEN
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.usbredir import OURS, Cap, Packet
from pumpbench.hil.usb.usbredir_host import RedirHost

IN_FRAMES, OUT_FRAMES, NOTICES = 0x81, 0x01, 0x82
Told = tuple[int, int, bytes]


class Talking:
    """A guest that says packets to a host of one device and reads what it hears; `step` cuts what is said."""

    def __init__(self, caps: frozenset[Cap] = OURS, step: int = 1 << 24) -> None:
        self.bus = Bus()
        self.device = PumpDevice("P1")
        self.bus.plug(self.device)
        self.host = RedirHost(lambda: next(iter(self.bus.attached), None), lambda: None)
        self.caps = caps
        self._step = step
        self._wide = Cap.WIDE_IDS in caps
        self.began = self.heard(first=True) + self.raw(usbredir.pack_hello("a guest", caps))

    def raw(self, data: bytes) -> list[Told]:
        found = []
        for start in range(0, len(data), self._step):
            self.host.received(data[start : start + self._step])
            found += self.heard()
        return found

    def say(self, kind: int, number: int = 7, body: bytes = b"") -> list[Told]:
        head = usbredir.HEAD_WIDE if self._wide else usbredir.HEAD
        return self.raw(head.pack(kind, len(body), number) + body)

    def open(self) -> None:
        self.say(Packet.SET_ALT_SETTING, 1, bytes([FRAMES, OPEN]))

    def heard(self, first: bool = False) -> list[Told]:
        head = usbredir.HEAD_WIDE if self._wide and not first else usbredir.HEAD
        raw, found, at = self.host.outgoing(), [], 0
        while at < len(raw):
            kind, length, number = head.unpack_from(raw, at)
            at += head.size
            found.append((kind, number, raw[at : at + length]))
            at += length
        return found


def bulk(address: int, length: int, data: bytes = b"") -> bytes:
    return usbredir.BULK.pack(address, 0, length & 0xFFFF, 0, length >> 16) + data
