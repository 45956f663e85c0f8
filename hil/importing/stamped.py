"""Reads bytes with their times out of the exports of logic analysers; knows their spelling, and nothing of frames.

Formats, as the programs write them:
saleae-1  Logic 1, async serial: `Time [s],Value,Parity Error,Framing Error`, a value such as 0xD4.
saleae-2  Logic 2, async serial table: `name,type,start_time,duration,data`, with or without `error`, data such as 0xC8.
sigrok    sigrok-cli with --protocol-decoder-samplenum, or PulseView's exported annotations: `868-1736 UART: RX data: 55`.
"""

import csv
import datetime
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND, Direction

NS_PER_S: Final = 1_000_000_000
RAW: Final = "raw"
_SIGROK: Final = re.compile(
    r"(\d+)-(\d+)[ ,]+(?:[\w .()\[\]-]+: ?)?(?:\"?(RX|TX)[ -]data\w*\"?[:,] ?)?\"?([0-9A-F]{2})\"?", re.IGNORECASE
)
_SIGROK_LINE: Final = re.compile(r"\d+-\d+[ ,]")
LINE_CHARACTERS_MAX: Final = 4096
_TO_NS: Final = Decimal(NS_PER_S)


class BadExport(CaptureError):
    """A file of an analyser that does not read as one; the message names the line."""


class Byte(NamedTuple):
    """One byte of a line; `t_ns` since the analyser's own zero. `sound`: no parity or framing error."""

    t_ns: int
    direction: Direction
    value: int
    sound: bool


def form_of(path: Path) -> str:
    """By its first lines; `raw` for anything that no analyser writes. Raises OSError."""
    with open(path, "rb") as file:
        opening = file.read(LINE_CHARACTERS_MAX)
    first = opening.partition(b"\n")[0].decode("ascii", "replace").strip().replace('"', "").lower()
    if first.startswith("time [s],value"):
        return "saleae-1"
    if first.startswith("name,type,start_time,duration,data"):
        return "saleae-2"
    return "sigrok" if _SIGROK_LINE.match(first) else RAW


def stamped(path: Path, form: str, samples_per_s: int | None) -> Iterator[Byte]:
    """In the order of the file, as it is read. Raises `BadExport`, OSError; ValueError where a sample rate is missing."""
    if form == "sigrok" and samples_per_s is None:
        raise ValueError(f"{path}: its times are numbers of samples; give --samplerate, in Hz")
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        if form == "sigrok":
            assert samples_per_s is not None
            yield from _sigrok(path, file, samples_per_s)
        else:
            yield from _saleae(path, csv.reader(file), _logic_1 if form == "saleae-1" else _logic_2)


def _saleae(path: Path, rows: Iterator[list[str]], read: Callable[[list[str]], Byte | None]) -> Iterator[Byte]:
    next(rows, None)  # the heading
    for number, row in enumerate(rows, 2):
        try:
            found = read(row) if row else None
        except (ValueError, IndexError, InvalidOperation):
            remedy = "export with values in hex, such as 0x41, and times in seconds"
            raise BadExport(
                path, f"line {number}: {','.join(row)[:60]!r} is no byte of an async serial analyser", remedy
            ) from None
        if found is not None:
            yield found


def _logic_1(row: list[str]) -> Byte:
    return Byte(_seconds(row[0]), NEITHER, _value(row[1]), not any(cell.strip() for cell in row[2:]))


def _logic_2(row: list[str]) -> Byte | None:
    if row[1] != "data":
        return None
    return Byte(_time(row[2]), NEITHER, _value(row[4]), not any(cell.strip() for cell in row[5:6]))


def _sigrok(path: Path, lines: Iterator[str], samples_per_s: int) -> Iterator[Byte]:
    """A line of another class of annotation, such as a start bit, holds no byte."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not _SIGROK_LINE.match(text):
            raise BadExport(
                path, f"line {number}: {text[:60]!r} has no samples", "export annotations with sample numbers: %s %d: %c: %1"
            )
        if found := _SIGROK.fullmatch(text):
            way: Direction = NEITHER if found[3] is None else INBOUND if found[3].upper() == "RX" else OUTBOUND
            yield Byte(int(found[2]) * NS_PER_S // samples_per_s, way, int(found[4], 16), True)


def _value(text: str) -> int:
    value = int(text.strip().strip("'"), 0)
    if not 0 <= value <= 0xFF:
        raise ValueError(text)
    return value


def _seconds(text: str) -> int:
    """A capture that was triggered has bytes before its zero."""
    return int(Decimal(text) * _TO_NS)


def _time(text: str) -> int:
    """Seconds, or a date with up to nine digits behind the point."""
    if "T" not in text:
        return _seconds(text)
    found = re.fullmatch(r"([^.]+)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?", text)
    if found is None:
        raise ValueError(text)
    time = datetime.datetime.fromisoformat(found[1] + (found[3] or "Z"))
    since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86_400 + since.seconds) * NS_PER_S + int((found[2] or "").ljust(9, "0"))


FORMS: Final = (RAW, "saleae-1", "saleae-2", "sigrok")
