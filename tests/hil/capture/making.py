"""Captures to test with: small ones made by the writer, and pcapng in spellings that the writer never uses."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pumpbench.hil.capture import CaptureWriter, Damage, Record, read
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction

T0_NS = 1_700_000_000_123_456_789
LinePayload = tuple[Direction, bytes]

directions: st.SearchStrategy[Direction] = st.sampled_from([INBOUND, OUTBOUND])
line_payloads: st.SearchStrategy[list[LinePayload]] = st.lists(st.tuples(directions, st.binary(max_size=70)), max_size=30)


def make_capture(path: Path, payloads: Sequence[LinePayload], close: bool = True, **options: Any) -> Path:
    """A capture with an opening record and one line, `link0`, its records a microsecond apart."""
    writer = CaptureWriter(path, force=True, clock_ns=lambda: T0_NS, **options)
    writer.meta({"record": "opening", "seed": 7})
    line = writer.add_line("link0")
    for index, (direction, payload) in enumerate(payloads):
        writer.line(line, direction, T0_NS + index * 1000, payload)
    if close:
        writer.close()
    else:
        writer._let_go()
    return path


def lines(items: Sequence[Record | Damage]) -> list[Record]:
    """The line records among what was read."""
    return [item for item in items if isinstance(item, Record) and not item.is_meta]


def damages(items: Sequence[Record | Damage]) -> list[Damage]:
    """The damage among what was read."""
    return [item for item in items if isinstance(item, Damage)]


def readable(path: Path) -> list[Record | Damage]:
    """Everything a reader gives."""
    return list(read(path))


def block(sign: str, kind: int, body: bytes) -> bytes:
    """Any pcapng block, in the byte order `sign`."""
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(f"{sign}II", kind, length) + body + struct.pack(f"{sign}I", length)


def option(sign: str, code: int, value: bytes) -> bytes:
    """One option, padded."""
    return struct.pack(f"{sign}HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(sign: str) -> bytes:
    """A section header."""
    return block(sign, 0x0A0D0D0A, struct.pack(f"{sign}IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(sign: str, link_type: int, *options: bytes) -> bytes:
    """An interface description with options ready made."""
    return block(sign, 1, struct.pack(f"{sign}HHI", link_type, 0, 0) + b"".join(options))


def packet(sign: str, number: int, units: int, payload: bytes, *options: bytes) -> bytes:
    """An enhanced packet with options ready made."""
    head = struct.pack(f"{sign}5I", number, units >> 32, units & 0xFFFFFFFF, len(payload), len(payload))
    return block(sign, 6, head + payload + bytes(-len(payload) % 4) + b"".join(options))
