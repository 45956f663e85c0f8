"""Walking damaged recordings under the sanitizers: nothing beyond their bytes is touched, and no packet is half taken."""

import random
from functools import cache
from pathlib import Path

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.links import INBOUND
from pumpbench.protocol.frame import device_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Telemetry
from tests.board import workshop
from tests.support import effort, rng


@cache
def capture_check() -> Path:
    """The program of capture_check.c, sanitized."""
    program = workshop.BUILD / "capture_check"
    program.parent.mkdir(parents=True, exist_ok=True)
    host = workshop.BOARD / "bsp" / "host"
    sources = [*workshop.BOARD.glob("wire/*.c"), *workshop.BOARD.glob("facts/*.c"), host / "bulk.c", host / "capture.c"]
    flags = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    workshop.run(*workshop.compiler(), *flags, "-o", program, *sources, Path(__file__).with_name("capture_check.c"))
    return program


def walked(pieces: list[bytes]) -> list[tuple[int, int]]:
    """(frames, bytes taken) of each piece, one after another."""
    said = workshop.run(capture_check(), given="".join(f"{piece.hex()}\n" for piece in pieces).encode()).stdout
    return [(int(frames), int(taken)) for frames, taken in (line.split() for line in said.decode().splitlines())]


def packets(path: Path, draw: random.Random, count: int) -> bytes:
    """The packets of a capture, each frame of telemetry in one record or cut in two, up to the trailer."""
    with CaptureWriter(path, force=True) as writer:
        line = writer.add_line("link0")
        for n in range(count):
            values = {field.name: draw.randint(field.lo, field.hi) for field in layout_of(Telemetry)}
            frame = device_frame(Telemetry(**values), n, 0, 0, 1, n)
            at = draw.choice((0, draw.randrange(len(frame))))
            for part in (frame[:at], frame[at:]):
                writer.line(line, INBOUND, n, part)
    data = path.read_bytes()
    return data[data.index(b"\x06\0\0\0", 100) : data.rindex(b"\x06\0\0\0")]


def test_capture_walk_takes_whole_packets_only_wherever_it_is_cut(tmp_path: Path) -> None:
    data = packets(tmp_path / "a.pcapng", rng("capture walk, cut"), 4)
    ends = [taken for frames, taken in walked([data[:size] for size in range(1, len(data) + 1)])]
    assert ends == sorted(ends)
    assert ends[-1] == len(data)
    assert len(set(ends)) == 9  # none of the eight packets, the first, ... all of them


def test_capture_walk_stays_within_its_bytes_whatever_they_are(tmp_path: Path) -> None:
    draw = rng("capture walk, damaged")
    data = packets(tmp_path / "a.pcapng", draw, 12)
    pieces = []
    for _ in range(effort(2_000, 100_000)):
        piece = bytearray(data[: draw.randrange(1, len(data) + 1)])
        for _ in range(draw.randrange(5)):
            piece[draw.randrange(len(piece))] = draw.choice((0, 1, 255, draw.randrange(256)))
        pieces.append(bytes(piece))
    found = walked(pieces)
    assert len(found) == len(pieces)
    assert all(taken <= len(piece) for (_, taken), piece in zip(found, pieces, strict=True))
    assert sum(frames for frames, _ in found) > len(pieces)
