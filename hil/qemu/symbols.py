"""Where the firmware's variables and functions lie in an image, so that a fault can be aimed by name; it changes nothing."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import RigBroken

# Either reads the image: nm needs only the format, which is the same for every 32-bit Arm.
READERS: Final = ("arm-none-eabi-nm", "nm")


def address_of(image: Path, name: str) -> int:
    """Raises `RigBroken` where the image has no such symbol, or it or the tool that reads it is missing."""
    found = symbols(image)
    if name not in found:
        raise RigBroken(str(image), f"no symbol {name!r} in the image", "see arm-none-eabi-nm for those it has")
    return found[name]


def symbols(image: Path) -> dict[str, int]:
    """Name -> address; where several files have one of the same name, the last."""
    reader = next((one for one in READERS if shutil.which(one)), None)
    if reader is None:
        raise RigBroken(str(image), f"no {READERS[0]} here to read its symbols", "apt install binutils-arm-none-eabi")
    done = subprocess.run([reader, "--defined-only", str(image)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RigBroken(str(image), f"{reader} cannot read it ({done.stderr.strip()})", "give the .elf of a board")
    rows = [line.split() for line in done.stdout.splitlines()]
    return {name: int(address, 16) for address, _, name in rows}
