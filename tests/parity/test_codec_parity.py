"""Both codecs read the same bytes alike and make the same bytes: every message, golden frames, noise by the hundred thousand."""

from collections import Counter
from collections.abc import Iterator

import pytest

from pumpbench.hil.bulk import decode_columns
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame, device_frame, host_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY, ReadLink, Report, Telemetry
from tests.board.test_wire import check_both_read
from tests.parity.acts import Bench, Raw
from tests.parity.desk import Desk, twin
from tests.parity.draw_numbers import message_of
from tests.parity.sides import Firmware, library
from tests.parity.walks import play
from tests.protocol.corpus import CASES
from tests.protocol.streams import noisy_stream
from tests.support import effort, rng

INPUTS = effort(100_000, 1_000_000)
BATCH = 100
# What a bulk pass judges of every frame; the body it judges only where it is of the message asked for.
FRAMING = (WireFault.OVERSIZE, WireFault.COBS, WireFault.SHORT, WireFault.CRC, WireFault.VERSION)


def streams(name: str, inputs: int) -> Iterator[bytes]:
    """Batches of golden frames whole, changed and cut, and noise; each ends with a zero byte."""
    draw = rng(name)
    for _ in range(inputs // BATCH):
        yield noisy_stream(draw, BATCH) + b"\0"


def both() -> Desk:
    one = library()
    return twin(Firmware(one), one.build_id)


@pytest.mark.parametrize("name", [cls.__name__ for cls in REGISTRY])
def test_message_is_read_and_made_alike_whatever_its_fields(name: str) -> None:
    draw, cls = rng(f"codec {name}"), REGISTRY.named(name)
    wires: list[tuple[bool, bytes]] = []
    for _ in range(effort(60, 2000)):
        message, from_device = message_of(draw, cls), layout_of(cls).kind != "request"
        seq, request_id, session, boot, tick = (draw.randrange(2**bits) for bits in (16, 32, 32, 32, 64))
        host, device = host_frame(message, seq, request_id, session), device_frame(message, seq, request_id, session, boot, tick)
        wires.append((from_device, device if from_device else host))
    check_both_read(wires)
    read = [Decoder(from_device).feed(wire)[0] for from_device, wire in wires]
    assert not [event for event in read if isinstance(event, BadFrame)]


@pytest.mark.parametrize("from_device", [False, True])
def test_any_stream_is_read_alike_frame_by_frame(from_device: bool) -> None:
    check_both_read([(from_device, stream) for stream in streams(f"codec stream {from_device}", INPUTS // 2)])


@pytest.mark.parametrize("cls", [Report, Telemetry])
def test_any_stream_gives_the_same_rows_and_faults_in_bulk(cls: type) -> None:
    one, number = library(), layout_of(cls).number
    for stream in streams(f"codec bulk {cls.__name__}", INPUTS // 2):
        bulk = decode_columns(one, stream, cls)
        events = Decoder(from_device=True).feed(stream)
        noise = [event for event in events if isinstance(event, BadFrame)]
        judged = [bad for bad in noise if bad.fault in FRAMING or (bad.header and bad.header.type == number)]
        rows = [tuple(event.message) for event in events if isinstance(event, Frame) and event.head[2] == number]
        assert {name: count for name, count in bulk.bad.items() if count} == Counter(bad.fault_name for bad in judged)
        assert [tuple(row)[8:] for row in bulk.rows.tolist()] == rows


def test_any_stream_gets_the_same_answers_and_counts_and_changes_nothing() -> None:
    desk = both()
    before = desk.reference.snapshot()
    for stream in streams("codec devices", INPUTS):
        play([Raw(stream)], desk)
    play([Bench(ReadLink())], desk)
    assert desk.reference.snapshot() == before
    assert desk.tally.frames > INPUTS // 10
    assert desk.pump.counters.bad_frame_count > INPUTS // 10


def test_golden_frames_get_the_same_answers_from_both_devices() -> None:
    desk = both()
    for case in CASES:
        play([Raw(bytes.fromhex(case["wire"])), Bench(ReadLink())], desk)
    assert desk.tally.frames > len(CASES)
