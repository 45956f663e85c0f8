"""Knows a build of the firmware in this process as a target: no port, no pty, nothing to wait for."""

from typing import Final

from pumpbench.hil.links import Link, memory_pair
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.targets.target import Target

TICKS_PER_SECOND: Final = 20_000_000


class LibraryTarget(Target):
    """Answers whenever its link is read; between requests nothing moves."""

    name = "library"
    independent = True
    device = None
    # Credits are sized by it: few long ones, for who looks for a difference looks into them anyway.
    ticks_per_second = TICKS_PER_SECOND

    def __init__(self, library: NativeLibrary) -> None:
        device = library.device()
        host, end = memory_pair(self.name)

        def work() -> None:
            arrived = end.read(0)
            if arrived and (answer := device.receive(arrived)):
                end.write(answer)

        host.pump = work
        self.link: Link = host

    def close(self) -> None:
        self.link.close()
