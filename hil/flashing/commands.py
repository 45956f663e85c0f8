"""The command that flashes or resets a board, word by word, for each tool; it runs none and looks at no file."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.flashing.boards import PhysicalBoard

STM32_FLASH: Final = "0x08000000"

Command = list[str]


def flash_command(flasher: str, board: PhysicalBoard, usb_serial: str, image: Path, where: str) -> Command:
    """Raises `TargetUnknown` where the tool is not known, or does not know the board."""
    return _flashers(flasher, where)(board, usb_serial, image, where)


def reset_command(flasher: str, board: PhysicalBoard, usb_serial: str, where: str) -> Command:
    """As `flash_command`, with the board's own image left alone."""
    return _flashers(flasher, where)(board, usb_serial, None, where)


def _flashers(flasher: str, where: str) -> Callable[[PhysicalBoard, str, Path | None, str], Command]:
    if flasher not in FLASHERS:
        raise TargetUnknown(f"{where}: flasher {flasher!r} is not known; choose one of {', '.join(FLASHERS)}, uf2")
    return FLASHERS[flasher]


def _pyocd(board: PhysicalBoard, usb_serial: str, image: Path | None, where: str) -> Command:
    if not board.pyocd:
        raise TargetUnknown(f'{where}: pyOCD does not know this board; choose flasher = "{board.flasher}"')
    # Without it pyOCD waits for a probe for ever.
    which = ["--no-wait", "--target", board.pyocd, *(["--uid", usb_serial] if usb_serial else [])]
    return ["pyocd", "reset", *which] if image is None else ["pyocd", "flash", *which, str(image)]


def _openocd(board: PhysicalBoard, usb_serial: str, image: Path | None, where: str) -> Command:
    if not board.openocd:
        raise TargetUnknown(f'{where}: OpenOCD cannot load this board\'s image; choose flasher = "{board.flasher}"')
    files = [word for file in board.openocd for word in ("-f", file)]
    which = ["-c", f"adapter serial {usb_serial}"] if usb_serial else []
    # Braces keep Tcl from reading a path with spaces, or with brackets, as anything else.
    what = "init; reset run; exit" if image is None else f"program {{{image}}} verify reset exit"
    return ["openocd", *files, *which, "-c", what]


def _st_flash(board: PhysicalBoard, usb_serial: str, image: Path | None, where: str) -> Command:
    if board.family != "stm32f4":
        raise TargetUnknown(f'{where}: st-flash knows STM32 boards only; choose flasher = "{board.flasher}"')
    which = ["--serial", usb_serial] if usb_serial else []
    if image is None:
        return ["st-flash", *which, "reset"]
    return ["st-flash", *which, "--reset", "write", str(image.with_suffix(".bin")), STM32_FLASH]


FLASHERS: Final = {"pyocd": _pyocd, "openocd": _openocd, "st-flash": _st_flash}
CURES: Final = {
    "pyocd": "pip install pyocd",
    "openocd": "apt install openocd",
    "st-flash": "apt install stlink-tools",
}
