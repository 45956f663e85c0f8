"""The usb-redir host by its bytes: what a guest says and hears at every cut, removal and re-plug; QEMU's own parser judges."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.hil.links import PortBusy, PortMissing, UrlInvalid
from pumpbench.hil.usb import setup, usbredir
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import CONTROL, FRAMES, OPEN
from pumpbench.hil.usb.device import UsbDevice
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.script import PeerBroken
from pumpbench.hil.usb.usbredir import OURS, Cap, Packet, Status
from pumpbench.hil.usb.usbredir_host import RedirHost
from pumpbench.hil.usb.usbredir_server import RedirServer, qemu_line
from tests.hil.usb.redir_guest import Guest
from tests.hil.usb.redir_library import LibraryGuest
from tests.hil.usb.redir_talk import IN_FRAMES, NOTICES, OUT_FRAMES, Talking, Told, bulk
from tests.support import effort, require, wait_until


@pytest.fixture
def talking() -> Talking:
    return Talking()


def kinds(told: list[Told]) -> list[int]:
    return [kind for kind, _, _ in told]


def test_hello_and_device_are_told_byte_for_byte(talking: Talking) -> None:
    hello, shape, interfaces, connect = talking.began
    assert hello == (0, 0, b"pumpbench".ljust(64, b"\0") + bytes.fromhex("7e000000"))
    assert kinds(talking.began) == [Packet.HELLO, Packet.EP_INFO, Packet.INTERFACE_INFO, Packet.DEVICE_CONNECT]
    kind, interval, owner = (shape[2][start : start + 32] for start in (0, 32, 64))
    absent = "ff"
    assert kind.hex(" ") == " ".join(["00", absent, absent, "02", *[absent] * 12, "00", absent, "03", "02", *[absent] * 12])
    assert (interval[18], owner[18], owner[3], owner[19]) == (16, 1, 2, 2)
    assert shape[2][96 + 2 * 18 :][:2] == b"\x10\x00"
    assert interfaces[2][:7].hex(" ") == "03 00 00 00 00 01 02"
    assert interfaces[2][36:39].hex(" ") == "ff 02 0a"
    assert connect[2].hex(" ") == "01 ef 02 01 09 12 01 00 00 01"


def test_guest_without_capabilities_hears_the_short_forms() -> None:
    old = Talking(frozenset())
    assert [len(body) for _, _, body in old.began] == [68, 96, 132, 8]
    old.open()
    answer = old.say(Packet.BULK_PACKET, 9, usbredir.BULK_OLD.pack(OUT_FRAMES, 0, 4, 0) + b"down")
    assert answer == [(Packet.BULK_PACKET, 9, usbredir.BULK_OLD.pack(OUT_FRAMES, 0, 4, 0))]
    assert old.device.end.read(0) == b"down"


def test_endpoints_of_a_setting_are_told_before_its_choice_is(talking: Talking) -> None:
    told = talking.say(Packet.SET_ALT_SETTING, 3, bytes([FRAMES, OPEN]))
    assert kinds(told) == [Packet.EP_INFO, Packet.INTERFACE_INFO, Packet.ALT_SETTING_STATUS]
    assert told[0][2][usbredir.slot_of(IN_FRAMES)] == 2
    assert told[2] == (Packet.ALT_SETTING_STATUS, 3, bytes([Status.SUCCESS, FRAMES, OPEN]))
    assert talking.device.end.attached


def test_setting_that_is_refused_says_so_and_tells_the_one_in_force(talking: Talking) -> None:
    talking.device.control(setup.Setup(0x21, setup.SET_CONTROL_LINE_STATE, setup.DTR, CONTROL, 0))
    (told,) = talking.say(Packet.SET_ALT_SETTING, 3, bytes([FRAMES, OPEN]))
    assert told == (Packet.ALT_SETTING_STATUS, 3, bytes([Status.STALL, FRAMES, 0]))
    assert talking.say(Packet.GET_ALT_SETTING, 4, bytes([FRAMES])) == [
        (Packet.ALT_SETTING_STATUS, 4, bytes([Status.SUCCESS, FRAMES, 0]))
    ]


def test_configuration_is_chosen_and_told(talking: Talking) -> None:
    assert talking.say(Packet.GET_CONFIGURATION, 2)[-1] == (Packet.CONFIGURATION_STATUS, 2, b"\x00\x01")
    assert kinds(talking.say(Packet.SET_CONFIGURATION, 3, b"\x01")) == [4 + 1, 4, Packet.CONFIGURATION_STATUS]
    assert talking.say(Packet.SET_CONFIGURATION, 4, b"\x09")[-1] == (Packet.CONFIGURATION_STATUS, 4, bytes([Status.STALL, 0x01]))


def test_control_request_is_answered_or_stalled_with_its_fields_repeated(talking: Talking) -> None:
    asked = usbredir.CONTROL.pack(0x80, 6, 0x80, 0, 0x0100, 0, 64)
    ((kind, number, body),) = talking.say(Packet.CONTROL_PACKET, 5, asked)
    assert (kind, number) == (Packet.CONTROL_PACKET, 5)
    assert body == usbredir.CONTROL.pack(0x80, 6, 0x80, 0, 0x0100, 0, 18) + talking.device.built.device
    ((_, _, body),) = talking.say(Packet.CONTROL_PACKET, 6, usbredir.CONTROL.pack(0x80, 99, 0xC0, 0, 0, 0, 8))
    assert body == usbredir.CONTROL.pack(0x80, 99, 0xC0, Status.STALL, 0, 0, 0)


@pytest.mark.parametrize("size", [0, 1, 64, 70_000])
def test_bulk_packets_of_any_size_pass_both_ways(size: int, talking: Talking) -> None:
    talking.open()
    data = bytes(range(256)) * 300
    sent = data[:size]
    told = talking.say(Packet.BULK_PACKET, 8, bulk(OUT_FRAMES, size, sent))
    got = bytearray()
    while chunk := talking.device.end.read(0):
        got += chunk
        told += talking.heard()
    if size and size % 64 == 0:
        talking.say(Packet.BULK_PACKET, 9, bulk(OUT_FRAMES, 0))
        got += talking.device.end.read(0)
    assert (told, bytes(got)) == ([(Packet.BULK_PACKET, 8, bulk(OUT_FRAMES, size))], sent)
    talking.device.end.write(sent[:60_000])
    ((_, _, body),) = talking.say(Packet.BULK_PACKET, 10, bulk(IN_FRAMES, 128_000)) or [(0, 0, bulk(IN_FRAMES, 0))]
    assert body == bulk(IN_FRAMES, min(size, 60_000), sent[:60_000])


def test_interrupts_come_by_themselves_once_they_are_listened_to(talking: Talking) -> None:
    (status,) = talking.say(Packet.START_INTERRUPT_RECEIVING, 4, bytes([NOTICES]))
    assert status == (Packet.INTERRUPT_RECEIVING_STATUS, 4, bytes([Status.SUCCESS, NOTICES]))
    for count in range(3):
        talking.device.control(setup.Setup(0x21, setup.SET_CONTROL_LINE_STATE, (count + 1) % 2, CONTROL, 0))
        ((kind, number, body),) = talking.heard()
        assert (kind, number, len(body)) == (Packet.INTERRUPT_PACKET, count, 4 + 10)
    (status,) = talking.say(Packet.STOP_INTERRUPT_RECEIVING, 5, bytes([NOTICES]))
    assert status[2] == bytes([Status.SUCCESS, NOTICES])
    talking.device.control(setup.Setup(0x21, setup.SET_CONTROL_LINE_STATE, 0, CONTROL, 0))
    assert talking.heard() == []


def test_listening_that_a_halt_ends_is_told_as_a_stall(talking: Talking) -> None:
    talking.say(Packet.START_INTERRUPT_RECEIVING, 4, bytes([NOTICES]))
    talking.device.control(setup.Setup(0x02, setup.SET_FEATURE, setup.ENDPOINT_HALT, NOTICES, 0))
    assert talking.heard() == [(Packet.INTERRUPT_RECEIVING_STATUS, 0, bytes([Status.STALL, NOTICES]))]


@pytest.mark.parametrize("address", [IN_FRAMES, 0x8E, 0x03])
def test_only_an_interrupt_endpoint_can_be_listened_to(address: int, talking: Talking) -> None:
    (status,) = talking.say(Packet.START_INTERRUPT_RECEIVING, 4, bytes([address]))
    assert status[2] == bytes([Status.INVALID, address])


def test_stream_that_no_device_here_has_is_invalid(talking: Talking) -> None:
    assert talking.say(Packet.START_ISO_STREAM, 4, bytes([0x84, 1, 1]))[0][2] == bytes([Status.INVALID, 0x84])
    ((_, _, body),) = talking.say(Packet.BULK_PACKET, 5, bulk(0x8E, 64))
    assert body[1] == Status.INVALID


def test_cancelled_packet_is_answered_once(talking: Talking) -> None:
    talking.open()
    assert talking.say(Packet.BULK_PACKET, 11, bulk(IN_FRAMES, 64)) == []
    ((kind, number, body),) = talking.say(Packet.CANCEL_DATA_PACKET, 11)
    assert (kind, number, body) == (Packet.BULK_PACKET, 11, usbredir.BULK.pack(IN_FRAMES, Status.CANCELLED, 0, 0, 0))
    assert talking.say(Packet.CANCEL_DATA_PACKET, 11) == []


def test_removal_ends_what_waits_and_a_new_device_waits_for_the_guest_to_know(talking: Talking) -> None:
    talking.open()
    talking.say(Packet.BULK_PACKET, 11, bulk(IN_FRAMES, 64))
    talking.bus.unplug(talking.device)
    told = talking.heard()
    assert kinds(told) == [Packet.BULK_PACKET, Packet.DEVICE_DISCONNECT]
    assert told[0][2][1] == Status.IO_ERROR
    talking.bus.plug(talking.device)
    assert talking.heard() == []
    assert talking.say(Packet.BULK_PACKET, 12, bulk(IN_FRAMES, 64)) == []  # was on its way to the old one
    assert kinds(talking.say(Packet.DEVICE_DISCONNECT_ACK)) == [Packet.EP_INFO, Packet.INTERFACE_INFO, Packet.DEVICE_CONNECT]


def test_guest_that_acknowledges_nothing_is_told_of_a_new_device_at_once() -> None:
    old = Talking(OURS - {Cap.DEVICE_DISCONNECT_ACK})
    old.bus.unplug(old.device)
    old.bus.plug(old.device)
    assert kinds(old.heard()) == [
        Packet.DEVICE_DISCONNECT,
        Packet.EP_INFO,
        Packet.INTERFACE_INFO,
        Packet.DEVICE_CONNECT,
    ]


def test_reset_ends_the_session_and_what_waits(talking: Talking) -> None:
    talking.open()
    talking.say(Packet.BULK_PACKET, 11, bulk(IN_FRAMES, 64))
    ((_, number, body),) = talking.say(Packet.RESET)
    assert (number, body[1]) == (11, Status.CANCELLED)
    assert (talking.device.end.attached, talking.device.configuration is not None) == (False, True)


def test_guest_that_leaves_ends_its_session(talking: Talking) -> None:
    talking.open()
    talking.host.left()
    assert not talking.device.end.attached


@given(st.integers(1, 300))
@settings(max_examples=effort(20, 300))
def test_every_cut_of_what_is_said_gives_the_same_answers(step: int) -> None:
    def told(talking: Talking) -> list[Told]:
        talking.open()
        found = talking.began + talking.say(Packet.BULK_PACKET, 8, bulk(OUT_FRAMES, 200, bytes(200)))
        talking.device.end.write(bytes(70))
        found += talking.say(Packet.CONTROL_PACKET, 5, usbredir.CONTROL.pack(0x80, 6, 0x80, 0, 0x0100, 0, 64))
        return found + talking.say(Packet.BULK_PACKET, 10, bulk(IN_FRAMES, 256))

    assert told(Talking(step=step)) == told(Talking())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((Packet.HELLO, 1, bytes(64)), "packet 0, which no guest sends"),
        ((77, 1, b""), "packet 77"),
        ((Packet.EP_INFO, 1, bytes(160)), "packet 5, which a device sends: another server of a device has that place"),
        ((Packet.SET_ALT_SETTING, 1, b"\x00"), "packet 9 with 1 bytes, expected 2"),
        ((Packet.RESET, 1, b"\x00"), "packet 3 with 1 bytes, expected 0"),
        ((Packet.BULK_PACKET, 1, bulk(OUT_FRAMES, 9, b"four")), "for 9 bytes with 4 behind it"),
        ((Packet.BULK_PACKET, 1, bulk(IN_FRAMES, 2**31)), "for 2147483648 bytes with 0 behind it"),
        ((Packet.CONTROL_PACKET, 1, usbredir.CONTROL.pack(0, 9, 0, 0, 1, 0, 4)), "for 4 bytes with 0 behind it"),
        ((Packet.INTERRUPT_PACKET, 1, usbredir.INTERRUPT.pack(NOTICES, 0, 0)), "which it can only listen to"),
        ((Packet.FILTER_REJECT, 1, b""), "its filter keeps this device out"),
    ],
)
def test_packet_that_cannot_be_is_refused_by_name(said: tuple[int, int, bytes], told: str, talking: Talking) -> None:
    with pytest.raises(PeerBroken, match=told):
        talking.say(*said)


@pytest.mark.parametrize("raw", [bytes(12), usbredir.HEAD.pack(3, 0, 0), usbredir.HEAD.pack(0, 2**32 - 1, 0)])
def test_guest_that_does_not_begin_with_a_hello_is_refused(raw: bytes) -> None:
    host = RedirHost(lambda: None, lambda: None)
    with pytest.raises(PeerBroken, match="expected a hello"):
        host.received(raw)


def test_length_that_lies_is_refused_before_anything_is_kept(talking: Talking) -> None:
    with pytest.raises(PeerBroken, match="packet 101 of 4294967295 bytes, expected at most"):
        talking.raw(usbredir.HEAD_WIDE.pack(Packet.BULK_PACKET, 2**32 - 1, 1))


class Judged:
    """A host of one device whose guest is the library."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.device: UsbDevice = PumpDevice("P1")
        self.bus.plug(self.device)
        self.host = RedirHost(lambda: next(iter(self.bus.attached), None), lambda: None)
        self.library = LibraryGuest()
        self.library.hear(self.host.outgoing())
        self.say()

    def say(self, *said: Any) -> list[tuple[str, int, bytes, bytes]]:
        self.library.heard.clear()
        self.host.received(self.library.say(*said))
        self.library.hear(self.host.outgoing())
        assert self.library.complaints == []
        return list(self.library.heard)


@pytest.fixture
def judged() -> Iterator[Judged]:
    require("usbredirparser")
    made = Judged()
    yield made
    made.library.close()


def test_library_of_qemu_understands_every_packet_and_is_understood(judged: Judged) -> None:
    say = judged.say
    names = [name for name, *_ in say(Packet.SET_ALT_SETTING, 3, bytes([FRAMES, OPEN]))]
    assert names == ["ep_info", "interface_info", "alt_setting_status"]
    assert say(Packet.GET_ALT_SETTING, 4, bytes([FRAMES]))[0][1:3] == (4, bytes([0, FRAMES, OPEN]))
    assert say(Packet.GET_CONFIGURATION, 5)[0][:3] == ("configuration_status", 5, b"\x00\x01")
    wide = 2**40 + 1
    ((_, number, header, data),) = say(Packet.CONTROL_PACKET, wide, usbredir.CONTROL.pack(0x80, 6, 0x80, 0, 0x100, 0, 64))
    assert (number, header[3], data) == (wide, Status.SUCCESS, judged.device.built.device)
    say(Packet.BULK_PACKET, 7, bulk(OUT_FRAMES, 4), b"down")
    assert judged.device.end.read(0) == b"down"  # type: ignore[attr-defined]
    judged.device.end.write(b"up")  # type: ignore[attr-defined]
    ((name, _, header, data),) = say(Packet.BULK_PACKET, 8, bulk(IN_FRAMES, 64))
    assert (name, header, data) == ("bulk_packet", bulk(IN_FRAMES, 2), b"up")
    assert say(Packet.BULK_PACKET, 9, bulk(IN_FRAMES, 64)) == []
    assert say(Packet.CANCEL_DATA_PACKET, 9)[0][2][1] == Status.CANCELLED
    assert say(Packet.START_INTERRUPT_RECEIVING, 10, bytes([NOTICES]))[0][2] == bytes([Status.SUCCESS, NOTICES])
    assert say(Packet.START_ISO_STREAM, 11, bytes([0x84, 1, 1]))[0][:2] == ("iso_stream_status", 11)


def test_library_of_qemu_follows_a_removal_and_a_new_device(judged: Judged) -> None:
    assert judged.say(Packet.RESET) == []
    judged.bus.unplug(judged.device)
    assert [name for name, *_ in judged.say()] == ["device_disconnect"]
    judged.bus.plug(judged.device)
    # It acknowledges by itself.
    assert [name for name, *_ in judged.say()] == ["ep_info", "interface_info", "device_connect"]


Place = tuple[Bus, Path]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    bus = Bus()
    bus.plug(PumpDevice("P1"))
    return bus, tmp_path / "redir.sock"


def test_one_guest_after_another_has_the_device(place: Place) -> None:
    bus, path = place
    server = RedirServer(bus, f"unix:{path}")
    for _ in range(3):
        guest = Guest(path)
        guest.wait_for_device()
        guest.close()
    assert (server.listens, os.stat(path).st_mode & 0o777) == (True, 0o600)
    server.close()
    assert not path.exists()


def test_qemu_that_listens_is_called_again_whenever_it_is_back(place: Place) -> None:
    bus, path = place
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    listener.settimeout(20)
    server = RedirServer(bus, f"unix:{path}")
    assert not server.listens
    for _ in range(2):
        called, _ = listener.accept()
        assert called.recv(12) == usbredir.HEAD.pack(0, 68, 0)
        called.close()
    listener.close()
    server.close()
    assert path.exists()  # it is QEMU's


FILE: Final = "there is such a file, and it is no socket"


@pytest.mark.parametrize(
    ("where", "kind", "told"),
    [
        ("unix:{}/taken", PortBusy, FILE),
        ("unix:{}/nowhere/redir.sock", PortMissing, "choose a folder that exists"),
        (f"unix:{{}}/{'n' * 200}", PortMissing, "too long.; choose a shorter path"),
        ("redir.sock", UrlInvalid, "write unix:PATH or HOST:PORT"),
    ],
)
def test_place_that_cannot_be_is_told_with_what_to_do(where: str, kind: type[Exception], told: str, place: Place) -> None:
    bus, path = place
    (path.parent / "taken").write_text("mine")
    with pytest.raises(kind, match=told):
        RedirServer(bus, where.format(path.parent))
    assert (path.parent / "taken").read_text() == "mine"


def test_socket_that_somebody_left_behind_is_taken_over(place: Place) -> None:
    bus, path = place
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    server = RedirServer(bus, f"unix:{path}")
    guest = Guest(path)
    assert guest.wait_for_device().speed
    guest.close()
    server.close()


def test_guest_by_tcp_is_served_like_one_by_a_path(place: Place) -> None:
    bus, _ = place
    server = RedirServer(bus, "127.0.0.1:0")
    host, port = server.url.removeprefix("usbredir:").split(":")
    with socket.create_connection((host, int(port)), 10) as guest:
        assert guest.recv(4) == bytes(4)
    server.close()
    assert f"socket,id=pump,host=127.0.0.1,port={port} " in qemu_line(server.url)


def test_guest_that_talks_nonsense_is_hung_up_on_by_name_and_the_next_is_served(place: Place) -> None:
    bus, path = place
    told: list[str] = []
    server = RedirServer(bus, f"unix:{path}", told.append)
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(str(path))
        guest.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while guest.recv(4096):
            pass
    wait_until(lambda: bool(told), "the fault to be told")
    assert told[0].startswith(f"usbredir:unix:{path}: it begins with packet ")
    after = Guest(path)
    after.wait_for_device()
    after.close()
    server.close()
