"""The images for boards as tests meet them: built, their symbols, their sizes; it judges nothing."""

import re
from functools import cache
from pathlib import Path

from tests.board import workshop
from tests.support import require

FAMILIES = ("stm32f4", "mps2", "nrf51", "lm3s", "nrf52840", "rp2040")


def image(family: str) -> Path:
    require("arm")
    return workshop.made(f"firmware-{family}") / "firmware" / f"{family}.elf"


@cache
def symbols(family: str) -> tuple[str, ...]:
    """Lines of address, kind and name."""
    return tuple(workshop.run("arm-none-eabi-nm", image(family)).stdout.decode().splitlines())


@cache
def sizes(family: str) -> re.Match[str]:
    """Text, data, bss, worst stack, room for it, and the chain of calls, as the Makefile prints them."""
    image(family)
    said = workshop.run("make", "-s", "-C", workshop.BOARD, f"sizes-{family}", f"BUILD={workshop.BUILD}").stdout.decode()
    found = re.fullmatch(rf"{family}: text (\d+) data (\d+) bss (\d+) bytes; worst stack (\d+) of (\d+): (.+)\n", said)
    assert found, said
    return found


def worst_stack(family: str) -> int:
    return int(sizes(family)[4])
