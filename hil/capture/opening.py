"""Opens a capture to be read, also one that gzip has packed; knows bytes only."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, Final, cast

GZIP: Final = b"\x1f\x8b"


def open_to_read(path: str | Path) -> BinaryIO:
    """From its first unpacked byte on. A packed file that was cut off ends where it can be read no further. Raises OSError."""
    file = open(path, "rb")
    try:
        packed = file.peek(len(GZIP))[: len(GZIP)] == GZIP
    except OSError:
        file.close()
        raise
    return cast(BinaryIO, _Unpacked(file)) if packed else file


class _Unpacked(gzip.GzipFile):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(fileobj=file)
        self._packed = file

    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return b""

    def close(self) -> None:
        super().close()
        self._packed.close()
