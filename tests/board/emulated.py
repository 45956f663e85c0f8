"""An emulated board as tests meet it: bytes to its line and back, and a bench that outlives a reset; it judges nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from pumpbench.hil.qemu.boards import BOARDS
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, host_frame
from pumpbench.protocol.messages import Identify
from tests.board.bench import Bench
from tests.support import require, wait_until

EXCHANGE_S = 60.0
ASK_S = 0.2
MARKS = 0xF000_0000


class Line:
    """Bytes in, bytes out; each exchange ends with an `Identify` whose answer comes last."""

    def __init__(self, target: QemuTarget) -> None:
        self.target = target
        self._mark = MARKS

    def receive(self, data: bytes) -> bytes:
        self._mark += 1
        decoder, got = Decoder(from_device=True), b""
        self.target.link.write(data + b"\0" + host_frame(Identify(), 0, self._mark))
        while True:
            more = self.target.link.read(EXCHANGE_S)
            assert more, f"{self.target.name} said nothing for {EXCHANGE_S:g} s"
            got += more
            if any(isinstance(one, Frame) and one.header.request_id == self._mark for one in decoder.feed(more)):
                return got


@contextmanager
def board(name: str) -> Iterator[QemuTarget]:
    """Started with the image of its family, ended by its own pid."""
    require("arm")
    require("qemu")
    with QemuTarget(name) as target:
        yield target


def bench_of(target: QemuTarget) -> Bench:
    """A host that has not spoken to it yet: after a reset a new one is needed."""
    return Bench(Line(target))


def booted_again(target: QemuTarget, boot_count: int) -> Bench:
    """A new host, once the pump has completed that boot. It asks again and again: a reset drops what was on its way."""
    decoder = Decoder(from_device=True)

    def booted() -> bool:
        target.link.write(host_frame(Identify(), 0, 1))
        return any(isinstance(one, Frame) and one.header.boot_seq >= boot_count for one in decoder.feed(target.link.read(ASK_S)))

    wait_until(booted, f"boot {boot_count} of {target.name}")
    return bench_of(target)


__all__ = ["BOARDS", "Line", "bench_of", "board", "booted_again"]
