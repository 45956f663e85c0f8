"""Columns and messages out of a capture are those that reading it frame by frame gives, however it is cut and spelled."""

import random
import struct
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.capture import CaptureError, CaptureWriter, Damage, Record, read
from pumpbench.hil.capture.columns import ColumnReader
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.frame import BadFrame, device_frame, host_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import LogPage, Opened, ReadStatus, Subscribe, Telemetry
from tests.hil.capture.making import T0_NS, interface, option, packet, section
from tests.support import effort, require, rng

META, LINE = 148, 147
FLAGS_IN = option("<", 2, struct.pack("<I", 1))
END = option("<", 0, b"")


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    require("cc")
    require("make")
    return NativeLibrary()


def telemetry(draw: random.Random) -> bytes:
    values = {field.name: draw.choice((field.lo, field.hi, draw.randint(field.lo, field.hi))) for field in layout_of(Telemetry)}
    return device_frame(Telemetry(**values), draw.randrange(65_536), 0, draw.getrandbits(32), 1, draw.getrandbits(40))


def stream(draw: random.Random, count: int) -> bytes:
    """Telemetry, another message, noise, a run too long to be a frame."""
    parts = []
    for _ in range(count):
        kind = draw.choices(("telemetry", "other", "damaged", "noise", "long"), (8, 2, 2, 1, 1))[0]
        frame = telemetry(draw)
        if kind == "other":
            frame = device_frame(Opened(session=draw.getrandbits(32), fluid_highest_id=0), 1, 2, 3, 4, 5)
        elif kind == "damaged":
            at = draw.randrange(1, len(frame) - 1)
            frame = frame[:at] + bytes([frame[at] ^ draw.randrange(1, 256)]) + frame[at + 1 :]
        elif kind == "noise":
            frame = draw.randbytes(draw.randrange(40))
        elif kind == "long":
            frame = bytes(draw.randrange(1, 256) for _ in range(draw.randrange(250, 700)))
        parts.append(frame)
    return b"".join(parts)


def cut(draw: random.Random, data: bytes, direction: Direction) -> list[tuple[Direction, bytes]]:
    """The stream as records of any size, some of them empty."""
    found = []
    while data:
        size = draw.choice((0, 1, 7, 65, 65, 300, 2000))
        found.append((direction, data[:size]))
        data = data[size:]
    return found


def mixed(draw: random.Random, *lanes: list[tuple[Direction, bytes]]) -> list[tuple[Direction, bytes]]:
    """The records of all lanes in some order that keeps each lane's own."""
    order = [lane for lane in lanes for _ in lane]
    draw.shuffle(order)
    left = {id(lane): iter(lane) for lane in lanes}
    return [next(left[id(lane)]) for lane in order]


def frame_by_frame(path: Path, message: type, direction: Direction) -> tuple[list[tuple[int, Any]], int, dict[str, int]]:
    """(t_ns, message), how many others, noise by name."""
    events = [
        item
        for item in FrameReader().frames(read(path))
        if isinstance(item, FrameAt) and item.record.direction == direction and item.record.interface == "link0"
    ]
    good = [(item.record.t_ns, item.event.message) for item in events if not isinstance(item.event, BadFrame)]
    bad = [item.event.fault_name for item in events if isinstance(item.event, BadFrame)]
    ours = [(t_ns, one) for t_ns, one in good if type(one) is message]
    return ours, len(good) - len(ours), {name: bad.count(name) for name in bad}


def columns(library: NativeLibrary, path: Path, message: type, direction: Direction) -> Any:
    reader = ColumnReader(library, message, direction=direction)
    return list(reader.messages(path)), reader.others, dict(reader.bad)


@pytest.mark.parametrize("case", range(effort(20, 500)))
def test_columns_are_those_of_the_frames_however_the_records_are_cut(library: NativeLibrary, tmp_path: Path, case: int) -> None:
    draw = rng(f"capture columns {case}")
    requests = b"".join(host_frame(Subscribe(period_ticks=n), n, n) + host_frame(ReadStatus(), n, n) for n in range(20))
    path = tmp_path / "a.pcapng"
    with CaptureWriter(path, clock_ns=lambda: T0_NS) as writer:
        line, other = writer.add_line("link0"), writer.add_line("link1")
        lanes = cut(draw, stream(draw, 60), INBOUND), cut(draw, requests, OUTBOUND)
        for index, (direction, payload) in enumerate(mixed(draw, *lanes)):
            writer.line(line, direction, T0_NS + index, payload)
            writer.line(other, INBOUND, T0_NS, telemetry(draw))
            writer.meta({"record": "note", "index": index})
    expected = frame_by_frame(path, Telemetry, INBOUND)
    assert len(expected[0]) > 10
    assert columns(library, path, Telemetry, INBOUND) == expected
    assert columns(library, path, Subscribe, OUTBOUND) == frame_by_frame(path, Subscribe, OUTBOUND)


def test_columns_read_what_another_tool_wrote_anew(library: NativeLibrary, tmp_path: Path) -> None:
    draw = rng("capture columns, other spellings")
    frames = [telemetry(draw) for _ in range(6)]
    comment = option("<", 1, b"by another tool")
    path = tmp_path / "a.pcapng"
    path.write_bytes(
        section("<")
        + interface("<", META, option("<", 2, b"meta"), option("<", 9, b"\x09"))
        + interface("<", LINE, option("<", 2, b"link0"), option("<", 9, b"\x09"))
        + packet("<", 1, T0_NS, frames[0] + frames[1][:9], FLAGS_IN, END)
        + packet("<", 1, T0_NS + 1, frames[1][9:] + frames[2][:1], comment, FLAGS_IN, END)
        + packet("<", 1, T0_NS + 2, frames[2][1:], FLAGS_IN, END)
        + section("<")
        + interface("<", LINE, option("<", 2, b"link0"), option("<", 9, b"\x06"))
        + packet("<", 0, T0_NS // 1000, frames[3], FLAGS_IN, END)
        + section(">")
        + interface(">", LINE, option(">", 2, b"link0"), option(">", 9, b"\x09"))
        + packet(">", 0, T0_NS + 5, frames[4], option(">", 2, struct.pack(">I", 1)), option(">", 0, b""))
    )
    expected = frame_by_frame(path, Telemetry, INBOUND)
    assert len(expected[0]) == 5
    assert columns(library, path, Telemetry, INBOUND) == expected


def test_rows_before_a_torn_end_are_given_and_the_damage_told(library: NativeLibrary, tmp_path: Path) -> None:
    draw = rng("capture columns, torn")
    path = tmp_path / "a.pcapng"
    with CaptureWriter(path) as writer:
        line = writer.add_line("link0")
        for index in range(50):
            writer.line(line, INBOUND, T0_NS + index, telemetry(draw))
    whole = path.read_bytes()
    for size in draw.sample(range(len(whole)), effort(30, 1000)):
        path.write_bytes(whole[:size])
        items = list(read(path))
        reader = ColumnReader(library, Telemetry)
        assert sum(len(stretch.rows) for stretch in reader.stretches(path)) == sum(
            isinstance(item, Record) and not item.is_meta for item in items
        )
        assert reader.damage == next((item for item in items if isinstance(item, Damage)), None)


def test_columns_refuse_what_they_cannot_give(library: NativeLibrary, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read"):
        list(ColumnReader(library, Telemetry).stretches(tmp_path / "absent.pcapng"))
    path = tmp_path / "a.pcapng"
    with CaptureWriter(path) as writer:
        line = writer.add_line("link0")
        writer.line(line, INBOUND, T0_NS, device_frame(LogPage(oldest_seq=0, next_seq=0, entries=()), 1, 2, 3, 4, 5))
    with pytest.raises(ValueError, match="one by one"):
        list(ColumnReader(library, LogPage).messages(path))
