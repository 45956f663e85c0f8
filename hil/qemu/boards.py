"""The boards that QEMU stands in for: which image each runs, where its line is, and what its model cannot do; starts none."""

from typing import Final, NamedTuple

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.spelling import nearest


class Board(NamedTuple):
    """One machine of QEMU 7.2. `no_snapshot` and `no_watchdog` say why not, empty where it works."""

    machine: str
    family: str
    uart_index: int
    """Which of the machine's serial lines the firmware speaks on."""
    uart_address: int
    uart_on_offset: int
    uart_on_mask: int
    """The bits of that register that are set once the firmware listens; none where the model keeps what comes earlier."""
    no_snapshot: str = ""
    no_watchdog: str = "its watchdog is not modelled"


BOARDS: Final = {
    board.machine: board
    for board in (
        # USART2, as the virtual COM port of the Nucleo boards that run the same image.
        Board(
            "netduinoplus2",
            "stm32f4",
            1,
            0x40004400,
            0x0C,
            0x2004,
            "its USART is not saved, so its line would be dead",
        ),
        Board("mps2-an385", "mps2", 0, 0x40004000, 0x08, 0x2, no_watchdog=""),
        Board("microbit", "nrf51", 0, 0x40002000, 0, 0),
        Board("lm3s6965evb", "lm3s", 0, 0x4000C000, 0x30, 0x201, "restoring one aborts QEMU (its SD card)", no_watchdog=""),
    )
}


def capable(flaw: str) -> str:
    """The boards free of `flaw`, one of the fields that start with no_, for a message."""
    return ", ".join(name for name, board in BOARDS.items() if not getattr(board, flaw))


def check_board(board: str) -> str:
    """The name itself; raises `TargetUnknown`, which says what there is."""
    if board in BOARDS:
        return board
    hint = nearest(f"qemu:{board}", [f"qemu:{name}" for name in BOARDS])
    raise TargetUnknown(f"target {f'qemu:{board}'!r}: no such emulated board; {hint}")
