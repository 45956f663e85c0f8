"""Frames made by hosts and devices: what the header carries, what is refused, how long a frame can get."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, Unknown, device_frame, encode_frame, host_frame
from pumpbench.protocol.header import FLAG_BENCH, FLAG_FROM_DEVICE, Header
from pumpbench.protocol.layout import RangeError, layout_of, replace
from pumpbench.protocol.messages import REGISTRY
from tests.protocol.samples import SAMPLES, Bytes, Empty, Steps, any_message

SEQ, WORD, LONG = st.integers(0, 0xFFFF), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)


def only(wire: bytes, device: bool | None, registry: Any = SAMPLES) -> Frame:
    (event,) = Decoder(device, registry).feed(wire)
    assert isinstance(event, Frame)
    return event


@given(any_message(SAMPLES), SEQ, WORD, WORD, st.booleans())
def test_host_frame_comes_back_as_it_was_made(message: Any, seq: int, request_id: int, session: int, bench: bool) -> None:
    wire = host_frame(message, seq, request_id, session, bench)
    for device in (False, None):
        frame = only(wire, device)
        assert frame.message == message
        assert frame.header == Header(1, int(bench), layout_of(type(message)).number, seq, request_id, session, 0, 0)
        assert frame.wire == wire == encode_frame(frame.header, frame.message)


@given(any_message(REGISTRY), SEQ, WORD, WORD, WORD, LONG)
def test_device_frame_comes_back_as_it_was_made(
    message: Any, seq: int, request_id: int, session: int, boot: int, tick: int
) -> None:
    wire = device_frame(message, seq, request_id, session, boot, tick)
    layout = layout_of(type(message))
    flags = FLAG_FROM_DEVICE | (FLAG_BENCH if layout.channel == "bench" else 0)
    for device in (True, None):
        frame = only(wire, device, REGISTRY)
        assert frame.message == message
        assert frame.header == Header(1, flags, layout.number, seq, request_id, session, boot, tick)
        assert frame.wire == wire == encode_frame(frame.header, frame.message)


@given(any_message(SAMPLES), SEQ, WORD)
def test_frame_fits_the_wire_and_holds_no_zero_byte_inside(message: Any, seq: int, request_id: int) -> None:
    for wire in (host_frame(message, seq, request_id), device_frame(message, seq, request_id, 0, 1, 2)):
        assert len(wire) <= 256 or layout_of(type(message)).kind == "request"
        assert wire[0] == wire[-1] == 0
        assert 0 not in wire[1:-1]


def test_largest_declared_frame_takes_256_bytes_at_most() -> None:
    sizes = [14 + 4 + 3 + layout.size_max for layout in REGISTRY.layouts() if layout.kind == "request"]
    sizes += [26 + 4 + 3 + layout.size_max for layout in REGISTRY.layouts() if layout.kind != "request"]
    assert max(sizes) <= 256


def test_frame_channel_is_the_messages_own_unless_told() -> None:
    steps = Steps(index=0, steps=())
    assert [only(host_frame(steps, 0, 1, 0, bench), False).header.bench for bench in (None, True, False)] == [True, True, False]
    assert [only(host_frame(Empty(), 0, 1, 0, bench), False).header.bench for bench in (None, True, False)] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("header", [(65536, 0, 0), (-1, 0, 0), (0, 2**32, 0), (0, 0, 2**32), (0, "1", 0)])
def test_frame_refuses_a_header_that_does_not_fit(header: tuple[Any, Any, Any]) -> None:
    with pytest.raises(RangeError, match="Empty: header or body does not fit its widths"):
        host_frame(Empty(), *header)


@given(st.integers(1, 0xFFFF).filter(lambda n: n not in SAMPLES), st.binary(max_size=223), st.booleans())
def test_unknown_type_is_kept_and_made_again(number: int, body: bytes, device: bool) -> None:
    header = Header(1, 2 * device, number, 7, 8, 9, 10 * device, 11 * device)
    wire = encode_frame(header, Unknown(header, body))
    frame = only(wire, device)
    assert frame.message == Unknown(header, body)
    assert frame.body == body
    assert encode_frame(frame.header, frame.message) == wire


def test_unknown_body_that_is_too_long_is_refused() -> None:
    header = Header(1, 0, 99, 0, 0, 0)
    assert len(encode_frame(header, Unknown(header, bytes(235)))) == 256
    with pytest.raises(ValueError, match="frame of 254 bytes before COBS; expected at most 253"):
        encode_frame(header, Unknown(header, bytes(236)))


def test_frame_crc_and_body_are_those_received() -> None:
    made = Bytes(offset_bytes=1, data=b"ab")
    one, two = (only(host_frame(replace(made, offset_bytes=n), 0, 1), False) for n in (1, 2))
    assert one.crc != two.crc
    assert one.body.hex() == "01000000" + "0200" + "01" + b"ab".hex()
