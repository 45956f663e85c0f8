"""A process that records until it is killed, saying after each record that it was taken; run as a script by its test."""

import os
import sys

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.links import INBOUND, OUTBOUND


def payload(index: int) -> bytes:
    """The bytes of the record number `index`: 0 to 63 of them."""
    return bytes((index * 7 + place) & 0xFF for place in range(index * 37 % 64))


def main(path: str) -> None:
    """Records for ever, one byte to stdout for each record whose call has returned."""
    writer = CaptureWriter(path)
    line = writer.add_line("link0")
    index = 0
    while True:
        writer.line(line, OUTBOUND if index % 2 else INBOUND, 1_700_000_000_000_000_000 + index, payload(index))
        os.write(1, b".")
        index += 1


if __name__ == "__main__":
    main(sys.argv[1])
