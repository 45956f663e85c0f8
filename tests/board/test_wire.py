"""The firmware's wire reads and writes the same bytes as the Python codec: golden frames, noise, long and short bodies."""

from typing import Any

from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, Unknown, encode_frame, host_frame
from pumpbench.protocol.header import DEVICE, HOST
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY, WriteSnapshot
from tests.board import workshop
from tests.protocol.corpus import CASES
from tests.support import effort, rng


def firmware_reads(streams: list[tuple[bool, bytes]]) -> list[list[str]]:
    """For each (from_device, bytes) what the firmware says, a line for each frame or fault."""
    lines = "".join(f"{'d' if from_device else 'h'}{data.hex()}\n" for from_device, data in streams)
    said = workshop.run(workshop.wire_check(), given=lines.encode()).stdout.decode().split("end\n")
    return [part.splitlines() for part in said[:-1]]


def python_reads(from_device: bool, data: bytes) -> list[str]:
    """The same lines from the Python codec."""
    return [_line(event, from_device) for event in Decoder(from_device=from_device).feed(data)]


def _line(event: Frame | BadFrame, from_device: bool) -> str:
    if isinstance(event, BadFrame):
        return f"fault {event.fault}"
    message: Any = event.message
    if isinstance(message, Unknown):
        return f"unknown {event.header.type}"
    body = encode_body(message).hex()
    return f"good {event.header.type} {body}" + (f" {encode_frame(event.header, event.message).hex()}" if from_device else "")


def check_both_read(streams: list[tuple[bool, bytes]]) -> None:
    for (from_device, data), said in zip(streams, firmware_reads(streams), strict=True):
        sender = "device" if from_device else "host"
        assert said == python_reads(from_device, data), f"{len(data)} bytes of a {sender}: {data[:400].hex()}"


def test_firmware_reads_every_golden_frame_as_declared() -> None:
    streams = [(bool(case["from_device"]), bytes.fromhex(case["wire"])) for case in CASES]
    check_both_read(streams)
    assert len(streams) > 100


def test_firmware_reads_noise_as_python_does() -> None:
    draw = rng("board wire noise")
    streams = []
    for _ in range(effort(400, 20_000)):
        case = draw.choice(CASES)
        data = bytearray(bytes.fromhex(case["wire"]) * draw.choice((1, 1, 2)))
        for _ in range(draw.randrange(4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        cut = draw.randrange(len(data) + 1) if draw.random() < 0.3 else len(data)
        streams.append((bool(case["from_device"]), bytes(data[:cut]) + b"\0"))
    check_both_read(streams)


@given(st.lists(st.binary(max_size=300), max_size=12))
def test_firmware_reads_any_bytes_as_python_does(runs: list[bytes]) -> None:
    check_both_read([(from_device, b"\0".join(runs) + b"\0") for from_device in (False, True)])


def test_firmware_reads_bodies_of_every_length_as_python_does() -> None:
    draw = rng("board wire lengths")
    streams = []
    for layout in map(layout_of, REGISTRY):
        for size in {0, layout.size, layout.size + 1, *(draw.randrange(layout.size_max + 3) for _ in range(6))}:
            body = draw.randbytes(min(size, 223))
            streams.append(_framed(layout.number, layout.kind != "request", body))
    check_both_read(streams)


def _framed(number: int, from_device: bool, body: bytes) -> tuple[bool, bytes]:
    head = DEVICE.pack(1, 2, number, 7, 8, 9, 10, 11) if from_device else HOST.pack(1, 0, number, 7, 8, 9)
    data = head + body
    return from_device, b"\0" + cobs.encode(data + crc32c(data).to_bytes(4, "little")) + b"\0"


def test_firmware_takes_a_frame_of_254_bytes_and_refuses_one_of_255() -> None:
    most = _framed(0x7FFF, False, bytes([1]) * 235)[1]
    assert len(most) == 256
    said = firmware_reads([(False, most), (False, most[:-1] + b"\x01\0")])
    assert said == [["unknown 32767"], ["fault 1"]]


def test_a_host_frame_of_the_longest_request_fits_the_wire() -> None:
    assert len(host_frame(WriteSnapshot(offset_bytes=0, data=bytes(128)), 0, 1)) <= 256
