"""A board that QEMU stands in for, as a target: the real image behind an emulated UART; it knows no rig."""

from pathlib import Path

from pumpbench.hil.firmware import board_image
from pumpbench.hil.links import Link
from pumpbench.hil.qemu.boards import BOARDS, check_board
from pumpbench.hil.qemu.machine import Machine
from pumpbench.hil.targets.target import Target


class QemuTarget(Target):
    """Starts its own QEMU and ends it; faults go in through `machine`.

    `image`: another than the one built here, for instance a planted one. Raises `TargetUnknown`, `FirmwareMissing`,
    `QemuMissing` or another `RigBroken`.
    """

    independent = True
    device = None
    # Its image speaks for the silicon, which is slower than a PC that plays it.
    ticks_per_second = 1_000_000

    def __init__(self, board: str, image: Path | None = None) -> None:
        known = BOARDS[check_board(board)]
        self.name = f"qemu:{board}"
        self.machine = Machine(known, image or board_image(known.family))
        self.link: Link = self.machine.link

    def crashed(self) -> str:
        words = self.machine.lockup()
        return f"the firmware locked its CPU up ({words})" if words else ""

    def alive(self) -> str:
        return self.machine.alive()

    def close(self) -> None:
        self.machine.close()
