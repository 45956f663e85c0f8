"""Puts bare bytes of two directions into an order that could have been: each reply behind its request; knows no time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pumpbench.hil.capture.frames import FROM_DEVICE
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND, Direction
from pumpbench.protocol.decoder import reader
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH

CHUNK_BYTES: Final = 65536
RUN_BYTES_MAX: Final = 65536
"""A longer run without a zero byte is cut: it is no frame, and must not fill the memory."""
_readers = {direction: reader(known) for direction, known in FROM_DEVICE.items()}


class Run(NamedTuple):
    """Bytes up to a zero byte, that one too, and the frame that they are, if any."""

    direction: Direction
    data: bytes
    frame: Frame | None


def runs(path: Path, direction: Direction) -> Iterator[Run]:
    """Law: their data, joined, is the file. `NEITHER`: of both directions, told by each header."""
    lead, last = b"", direction
    for data in _pieces(path):
        if data == b"\0" and direction == NEITHER:
            lead += data  # it opens the frame behind it, and goes the same way
            continue
        run = _run(lead + data, direction)
        lead, last = b"", run.direction
        yield run
    if lead:
        yield Run(last, lead, None)


def _pieces(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        rest = b""
        while chunk := file.read(CHUNK_BYTES):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from (piece + b"\0" for piece in whole)
            if len(rest) > RUN_BYTES_MAX:
                yield rest
                rest = b""
        if rest:
            yield rest


def interleaved(told: Iterator[Run], heard: Iterator[Run]) -> Iterator[Run]:
    """What the device said comes as early as it can: before the next request, but never before its own."""
    asked = {True: 0, False: 0}
    waiting = next(heard, None)
    for run in told:
        yield run
        if run.frame is not None:
            bench = bool(run.frame.head[1] & FLAG_BENCH)
            asked[bench] = max(asked[bench], run.frame.head[4])
        while waiting is not None and _is_due(waiting, asked):
            yield waiting
            waiting = next(heard, None)
    if waiting is not None:
        yield waiting
    yield from heard


def _is_due(run: Run, asked: dict[bool, int]) -> bool:
    return run.frame is None or run.frame.head[4] <= asked[bool(run.frame.head[1] & FLAG_BENCH)]


def _run(data: bytes, direction: Direction) -> Run:
    plain = data.strip(b"\0")
    event = _readers[direction](plain) if plain and data.endswith(b"\0") else None
    frame = event if isinstance(event, Frame) else None
    if direction == NEITHER and event is not None and event.header is not None:
        direction = INBOUND if event.header.from_device else OUTBOUND
    return Run(direction, data, frame)
