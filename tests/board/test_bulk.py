"""Bulk decoding gives the records the typed decoder gives, and counts the same bad frames, wherever the bytes are cut."""

import ctypes
import random
from typing import Any

import numpy as np
import pytest
from cobs import cobs

from pumpbench.hil.native import BulkCounts
from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.columns import dtype_of
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Unknown, device_frame, host_frame
from pumpbench.protocol.header import DEVICE, HOST
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import FlexRead, FlexStep, ResetToStart, Status, Telemetry
from tests.board import bench
from tests.board.bench import START
from tests.support import effort, rng


def bulk(data: bytes, cls: type, capacity: int, from_device: bool = True) -> tuple[bytes, BulkCounts]:
    """The records as bytes, and what was met."""
    lib = bench.library().lib
    head, layout, met = (DEVICE if from_device else HOST).size, layout_of(cls), BulkCounts()
    room = ctypes.create_string_buffer(capacity * (head + layout.size))
    size = lib.pb_bulk_decode(data, len(data), layout.number, int(from_device), room, capacity, ctypes.byref(met))
    assert size == head + layout.size
    return room.raw[: met.frames * size], met


def telemetry(draw: random.Random) -> bytes:
    fields = {f.name: draw.choice((0, 1, f.hi, draw.randint(0, f.hi))) for f in layout_of(Telemetry).fields}
    return device_frame(Telemetry(**fields), draw.randrange(65_536), 0, draw.getrandbits(32), 1, draw.getrandbits(40))


def stream(draw: random.Random, count: int) -> bytes:
    """Telemetry with other messages and damaged frames among it."""
    flex = FlexRead(source=0, schedule=0, steps=(FlexStep(start_minute=0, dose_ng=5),))
    parts = []
    for _ in range(count):
        frame = bytearray(telemetry(draw) if draw.random() < 0.8 else device_frame(flex, 1, 2, 3, 4, 5))
        for _ in range(draw.choice((0, 0, 0, 1, 2))):
            frame[draw.randrange(len(frame))] = draw.randrange(256)
        parts.append(bytes(frame[: draw.choice((len(frame), len(frame), len(frame) - 1))]))
    return b"".join(parts)


def expected(data: bytes, cls: type, from_device: bool = True) -> tuple[list[Any], int, dict[int, int]]:
    """(messages of the class, good frames of other types, faults) by the typed decoder."""
    found: list[Any] = []
    others = 0
    bad: dict[int, int] = {}
    for event in Decoder(from_device=from_device).feed(data):
        if isinstance(event, BadFrame):
            bad[event.fault] = bad.get(event.fault, 0) + 1
        elif isinstance(event.message, cls):
            found.append(event)
        else:
            assert not isinstance(event.message, Unknown)
            others += 1
    return found, others, bad


@pytest.mark.parametrize("walk", range(effort(20, 500)))
def test_bulk_decode_agrees_with_the_typed_decoder_on_a_damaged_stream(walk: int) -> None:
    data = stream(rng(f"board bulk {walk}"), 300) + b"\0"
    frames, others, bad = expected(data, Telemetry)
    records, met = bulk(data, Telemetry, 400)
    assert (met.frames, met.others, met.consumed) == (len(frames), others, len(data))
    assert {fault: n for fault, n in enumerate(met.bad) if n} == bad
    rows = np.frombuffer(records, [("head", f"V{DEVICE.size}"), ("body", dtype_of(layout_of(Telemetry)))])
    for row, frame in zip(rows, frames, strict=True):
        assert DEVICE.unpack(row["head"].tobytes()) == tuple(frame.head)
        assert tuple(int(one) for one in row["body"]) == tuple(frame.message)


def test_bulk_decode_goes_on_where_it_was_full_or_the_bytes_ended() -> None:
    data = stream(rng("board bulk parts"), 500) + b"\0"
    whole, met = bulk(data, Telemetry, 600)
    parts, at, bad = b"", 0, 0
    while at < len(data):
        records, part = bulk(data[at : at + 900], Telemetry, 7)
        assert part.consumed > 0
        parts, at, bad = parts + records, at + part.consumed, bad + sum(part.bad)
    assert (parts, bad) == (whole, sum(met.bad))


def test_bulk_decode_reads_requests_of_a_host_too() -> None:
    data = b"".join(host_frame(START, seq, seq) for seq in range(50))
    records, met = bulk(data, ResetToStart, 50, from_device=False)
    assert met.frames == 50
    bodies = np.frombuffer(records, [("head", f"V{HOST.size}"), ("body", dtype_of(layout_of(ResetToStart)))])["body"]
    expected_body = tuple(getattr(START, f.name) for f in layout_of(ResetToStart).fields)
    assert all(tuple(int(one) for one in body) == expected_body for body in bodies)


def test_bulk_decode_refuses_a_field_outside_its_range() -> None:
    layout = layout_of(Status)
    good = Status(**{f.name: 0 for f in layout.fields})
    body = bytearray(encode_body(good))
    body[layout.field("clock_valid").offset] = 2
    head = DEVICE.pack(1, 2, layout.number, 0, 1, 2, 3, 4)
    bent = head + bytes(body)
    wire = b"\0" + cobs.encode(bent + crc32c(bent).to_bytes(4, "little")) + b"\0"
    data = (device_frame(good, 0, 1, 2, 3, 4) + wire) * 20
    _, met = bulk(data, Status, 40)
    assert (met.frames, met.bad[WireFault.RANGE]) == (20, 20)


def test_bulk_decode_gives_nothing_for_a_type_that_no_message_has() -> None:
    assert bench.library().lib.pb_bulk_decode(b"\0", 1, 0x7FFF, 1, None, 0, ctypes.byref(BulkCounts())) == 0
