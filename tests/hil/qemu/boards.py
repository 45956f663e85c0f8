"""Emulated boards and twins over them for the tests of rigs; asserts nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Link
from pumpbench.hil.qemu.boards import BOARDS
from pumpbench.hil.targets.qemu import QemuTarget
from tests.hil.pumps import START
from tests.support import require

NAMES = tuple(BOARDS)
SAVED = tuple(name for name, board in BOARDS.items() if not board.no_snapshot)
FIRST_THREE = ("netduinoplus2", "mps2-an385", "microbit")


@contextmanager
def board(name: str) -> Iterator[QemuTarget]:
    """Started with the image of its family, ended by its own pid."""
    require("arm")
    require("qemu")
    with QemuTarget(name) as target:
        yield target


def armed(link: Link, timeout_s: float = 20.0) -> Bench:
    """A bench that has brought the board to `START`."""
    bench = Bench(Conversation(link, timeout_s=timeout_s))
    bench.arm()
    bench.reset_to_start(START)
    return bench
