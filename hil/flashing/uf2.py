"""The UF2 way: a board that shows itself as a drive, and an image copied onto it in blocks of its own; it knows no tool."""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import RigBroken

MOUNTS: Final = Path("/proc/mounts")
INFO: Final = "INFO_UF2.TXT"
BLOCK: Final = struct.Struct("<8I476sI")
MAGIC: Final = (0x0A324655, 0x9E5D5157, 0x0AB16F30)
FAMILY_GIVEN: Final = 0x2000
FAMILY_RP2040: Final = 0xE48BFF56
PAYLOAD_BYTES: Final = 256


def uf2_of(image: bytes, address: int) -> bytes:
    """The bytes of a bare image that belongs at `address`, as UF2 blocks of 512 bytes for an RP2040."""
    chunks = [image[at : at + PAYLOAD_BYTES].ljust(PAYLOAD_BYTES, b"\0") for at in range(0, len(image), PAYLOAD_BYTES)]
    return b"".join(
        BLOCK.pack(
            MAGIC[0], MAGIC[1], FAMILY_GIVEN, address + PAYLOAD_BYTES * index, PAYLOAD_BYTES, index, len(chunks),
            FAMILY_RP2040, chunk, MAGIC[2],
        )
        for index, chunk in enumerate(chunks)
    )  # fmt: skip


def drive_of(label: str, where: str, mounts: Path = MOUNTS) -> Path:
    """Where the board's drive is mounted, `label` its name. Raises `RigBroken` where there is none, or more than one."""
    named = [folder for folder in _mounted(mounts) if folder.name == label and (folder / INFO).is_file()]
    if len(named) == 1:
        return named[0]
    what = f"{len(named)} drives called {label} are mounted" if named else f"no drive called {label} is mounted"
    raise RigBroken(where, what, "hold the board's BOOTSEL button while you plug it in, one board at a time, and mount its drive")


def write_to(drive: Path, name: str, content: bytes) -> None:
    """The board resets into the image by itself once it has it whole. Raises `RigBroken`."""
    try:
        (drive / name).write_bytes(content)
    except OSError as problem:
        raise RigBroken(str(drive), f"the image cannot be copied ({problem.strerror})", "plug the board in again") from problem


def _mounted(mounts: Path) -> Iterable[Path]:
    for line in mounts.read_text().splitlines():
        # The system writes a space in a path as \\040.
        yield Path(line.split()[1].replace("\\040", " "))
