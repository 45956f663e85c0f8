"""The physical boards the images are built for: which image, and what the flash tools call each; it runs nothing."""

from typing import Final, NamedTuple

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.spelling import nearest


class PhysicalBoard(NamedTuple):
    """Names as pyOCD and OpenOCD give them; `flasher` is the one used where a settings file names none. Empty: not known."""

    family: str
    flasher: str
    pyocd: str = ""
    openocd: tuple[str, ...] = ()
    uf2_label: str = ""
    uf2_address: int = 0


_NUCLEO: Final = ("board/st_nucleo_f4.cfg",)
_CMSIS: Final = "interface/cmsis-dap.cfg"
BOARDS: Final = {
    "nucleo_f446re": PhysicalBoard("stm32f4", "openocd", "stm32f446retx", _NUCLEO),
    "nucleo_f411re": PhysicalBoard("stm32f4", "openocd", "stm32f411retx", _NUCLEO),
    "nucleo_f401re": PhysicalBoard("stm32f4", "openocd", "stm32f401retx", _NUCLEO),
    "stm32f405": PhysicalBoard("stm32f4", "openocd", "stm32f405rgtx", ("interface/stlink.cfg", "target/stm32f4x.cfg")),
    "microbit": PhysicalBoard("nrf51", "pyocd", "nrf51", (_CMSIS, "target/nrf51.cfg")),
    "nrf52840dk": PhysicalBoard("nrf52840", "pyocd", "nrf52840", ("board/nordic_nrf52_dk.cfg",)),
    "lm3s6965evb": PhysicalBoard("lm3s", "openocd", "", ("board/ek-lm3s6965.cfg",)),
    # Its image runs from RAM, where the boot ROM puts it and no debugger's flash algorithm does.
    "pico": PhysicalBoard("rp2040", "uf2", uf2_label="RPI-RP2", uf2_address=0x2000_0000),
}


def physical_board(name: str, where: str) -> PhysicalBoard:
    """Raises `TargetUnknown`, which says what there is; `where` is the target that names it."""
    if name in BOARDS:
        return BOARDS[name]
    if not name:
        raise TargetUnknown(f"{where}: no board named; add board = to its table, one of {', '.join(BOARDS)}")
    raise TargetUnknown(f"{where}: board {name!r} is not known; {nearest(name, BOARDS)}")
