"""Knows CRC-32C; it must not know what the bytes mean."""

from collections.abc import Callable
from typing import Any, Final, Literal

from crcmod.crcmod import _usingExtension, mkCrcFun
from crcmod.predefined import mkPredefinedCrcFun

CHECK: Final = 0xE3069283
"""CRC-32C of b"123456789"."""
RESIDUE: Final = 0x48674BC7
"""CRC-32C of any bytes followed by their own CRC-32C, little-endian."""

crc32c: Final[Callable[..., int]] = mkPredefinedCrcFun("crc-32c")
"""crc32c(data) -> u32; crc32c(more, crc) goes on from an earlier result: crc32c(a + b) == crc32c(b, crc32c(a))."""

residue: Any = mkCrcFun(0x11EDC6F41, initCrc=0xFFFFFFFF, rev=True, xorOut=0)
"""The same CRC before its last inversion, a fifth faster to call: `residue(bytes with their CRC) == GOOD`."""
GOOD: Final = RESIDUE ^ 0xFFFFFFFF

START, TABLE, LOOP = residue.__defaults__
"""What `residue` hands on, for the two places where its own call counts: `LOOP(data, START, TABLE) == residue(data)`."""


def crc_build() -> Literal["extension", "python"]:
    """How crcmod was built: without a C compiler pip quietly leaves a build ten times slower."""
    return "extension" if _usingExtension else "python"
