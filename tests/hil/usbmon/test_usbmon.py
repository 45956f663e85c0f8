"""What usbmon saw, read back: the bytes that really passed, by pumps alone, and what is missing of them said."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.capture import CaptureWriter, Damage
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.usbmon.events import event_of
from pumpbench.hil.usbmon.packets import Packet, packets
from pumpbench.hil.usbmon.pump import UsbmonFile, is_usbmon
from tests.contracts.links import cut
from tests.hil.usbmon.making import ASKED, BULK, EINPROGRESS, START_NS, STEP_NS, TALK, TOLD, Bus, told_bus


def read(path: Path, raw: bytes) -> UsbmonFile:
    path.write_bytes(raw)
    assert is_usbmon(path)
    return UsbmonFile(path)


def passed(found: UsbmonFile) -> list[tuple[Direction, bytes]]:
    return [(record.direction, record.payload) for record in found.records()]


@pytest.mark.parametrize("link_type", [189, 220])
@pytest.mark.parametrize("sign", ["<", ">"])
@pytest.mark.parametrize("form", ["pcap", "pcap in nanoseconds", "pcapng"])
def test_every_form_of_file_gives_the_bytes_and_times_that_passed(link_type: int, sign: str, form: str, tmp_path: Path) -> None:
    bus = told_bus(link_type=link_type, sign=sign)
    raw = bus.pcapng() if form == "pcapng" else bus.pcap(10**9 if "nano" in form else 10**6)
    found = read(tmp_path / "usb", raw)
    records = list(found.records())
    assert [(one.direction, one.payload) for one in records] == TALK
    # Two events came before, and each transfer has two, of which the second tells.
    assert [one.t_ns for one in records] == [START_NS + STEP_NS * number for number in (3, 5, 7, 9)]
    assert (found.pumps, found.others, found.losses()) == ({(1, 5)}, set(), [])


def test_pump_that_was_plugged_in_before_the_recording_is_found_by_its_frames(tmp_path: Path) -> None:
    bus = Bus()
    bus.talk(9, TALK)
    bus.talk(3, [(OUTBOUND, b"USBC" + bytes(27)), (INBOUND, bytes(512))], endpoint=2)
    found = read(tmp_path / "usb", bus.pcap())
    assert passed(found) == TALK
    assert found.about() == "pump: bus 1 device 9; left out, for they hold no frame: bus 1 device 3"


def test_pump_that_says_who_it_is_is_found_where_every_frame_is_bad(tmp_path: Path) -> None:
    bus = Bus()
    bus.pump(9)
    bus.named(4, bytes(18))
    bus.talk(9, [(INBOUND, b"\0noise\0")])
    bus.talk(4, [(INBOUND, b"\0noise\0")])
    found = read(tmp_path / "usb", bus.pcap())
    assert (found.pumps, found.others) == ({(1, 9)}, {(1, 4)})


def test_two_pumps_and_both_their_interfaces_are_lines_of_their_own(tmp_path: Path) -> None:
    bus = Bus()
    bus.talk(5, TALK[:2])
    bus.talk(6, TALK[:2], endpoint=3)
    bus.talk(5, TALK[2:], endpoint=3)
    found = read(tmp_path / "usb", bus.pcap())
    assert [one.interface for one in found.records()][::2] == ["usb 1.5 endpoint 1", "usb 1.6 endpoint 3", "usb 1.5 endpoint 3"]


def test_bytes_that_were_submitted_and_did_not_pass_are_no_part_of_it(tmp_path: Path) -> None:
    bus = Bus()
    bus.talk(5, TALK)
    for status, size in ((-2, 10), (-32, 0)):  # cut off after ten bytes; stalled
        bus.event(77, b"S", BULK, 1, 5, size=len(ASKED), status=EINPROGRESS, data=ASKED)
        bus.event(77, b"C", BULK, 1, 5, size=size, status=status)
    bus.event(78, b"S", BULK, 1, 5, size=4, status=EINPROGRESS, data=b"lost")
    bus.event(78, b"E", BULK, 1, 5, size=0, status=-19)
    found = read(tmp_path / "usb", bus.pcap())
    assert passed(found) == [*TALK, (OUTBOUND, ASKED[:10])]
    assert found.losses() == []


def test_bytes_that_came_before_a_read_was_cut_off_are_part_of_it(tmp_path: Path) -> None:
    bus = Bus()
    bus.event(77, b"S", BULK, 0x81, 5, size=512, status=EINPROGRESS)
    bus.event(77, b"C", BULK, 0x81, 5, size=len(TOLD), status=-2, data=TOLD)
    assert passed(read(tmp_path / "usb", bus.pcap())) == [(INBOUND, TOLD)]


def test_transfers_that_the_recording_has_half_of_are_told(tmp_path: Path) -> None:
    bus = Bus()
    bus.event(1, b"C", BULK, 1, 5, size=9)
    bus.talk(5, TALK)
    bus.event(2, b"S", BULK, 1, 5, size=4, status=EINPROGRESS, data=b"then")
    found = read(tmp_path / "usb", bus.pcap())
    assert passed(found) == TALK
    assert found.losses() == [
        "1 transfers to a device were begun before the recording, and are not in it",
        "1 transfers to a device had not ended when the recording did",
    ]


@pytest.mark.parametrize("by", ["usbmon", "tcpdump"])
@pytest.mark.parametrize("direction", [OUTBOUND, INBOUND])
def test_transfers_that_were_cut_off_are_told_with_what_they_lack(by: str, direction: Direction, tmp_path: Path) -> None:
    bus = Bus()
    bus.talk(5, TALK)
    bus.passed(5, direction, bytes(4096), kept=1000 if by == "usbmon" else None)
    found = read(tmp_path / "usb", bus.pcap(snap=None if by == "usbmon" else 1064))
    assert [len(data) for _, data in passed(found)][-1] == 1000
    assert found.losses() == ["1 transfers lack 3096 bytes: record them whole (tcpdump -s 0)"]


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_bytes_come_whole_however_transfers_cut_and_join_them(seed: int, count: int) -> None:
    draw = random.Random(seed)
    bus = Bus()
    said: dict[Direction, bytes] = {OUTBOUND: ASKED * count, INBOUND: TOLD * count}
    for way, data in said.items():
        for chunk in cut(data, [draw.randrange(1, 200) for _ in range(10)]):
            bus.passed(5, way, chunk)
    file = io.BytesIO(bus.pcap())
    events = [event_of(one) for one in packets(file) if isinstance(one, Packet)]
    assert all(event is not None and event.lost_bytes == 0 for event in events)
    for way, data in said.items():
        sides = [event for event in events if event is not None and event.inbound == (way == INBOUND)]
        assert b"".join(event.data for event in sides) == data


@given(st.binary(max_size=400), st.integers(0, 3000), st.integers(0, 40))
def test_damaged_file_ends_in_a_damage_or_in_fewer_bytes_and_never_otherwise(noise: bytes, at: int, left_out: int) -> None:
    bus = told_bus()
    for whole in (bus.pcap(), bus.pcapng(), noise):
        raw = whole[:at] + noise + whole[at + left_out :]
        found = list(packets(io.BytesIO(raw)))
        assert not any(isinstance(one, Damage) for one in found[:-1])
        for one in found:
            if isinstance(one, Packet) and one.link_type in (189, 220):
                event = event_of(one)
                assert event is None or len(event.data) <= len(one.data)


@pytest.mark.parametrize("raw", [b"", b"\n\r\r\n", bytes.fromhex("d4c3b2a1"), b"not one at all"])
def test_file_that_holds_no_packet_is_no_recording_of_usb(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(raw)
    assert not is_usbmon(tmp_path / "file")


def test_recording_beside_that_of_another_link_is_read(tmp_path: Path) -> None:
    ethernet = Bus(link_type=1)
    ethernet.events.append(bytes(60))
    assert not is_pcap_of_usb(tmp_path / "ethernet", ethernet.pcapng())
    found = read(tmp_path / "both", ethernet.pcapng() + told_bus().pcapng())
    assert passed(found) == TALK


def is_pcap_of_usb(path: Path, raw: bytes) -> bool:
    path.write_bytes(raw)
    return is_usbmon(path)


def test_capture_of_our_own_is_no_recording_of_usb(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "own.pcapng") as writer:
        writer.line(writer.add_line("line"), INBOUND, 0, TOLD)
    assert not is_usbmon(tmp_path / "own.pcapng")


def test_recording_by_another_system_is_told_from_one_that_can_be_read(tmp_path: Path) -> None:
    bus = told_bus()
    raw = bytearray(bus.pcap())
    raw[20] = 249
    found = read(tmp_path / "usb", bytes(raw))
    assert passed(found) == []
    assert found.losses() == ["link type 249 (USBPcap of Windows) cannot be read; record with usbmon of Linux"]
