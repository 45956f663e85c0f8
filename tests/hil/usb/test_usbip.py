"""The USB/IP server by its bytes: what a client says and hears, every message at every cut, and who may have the device."""

import contextlib
import itertools
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.hil.links import PortBusy, PortMissing
from pumpbench.hil.usb import usbip
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.script import PeerBroken
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.hil.usb.usbip_server import UsbipServer, attach_line, is_loopback
from tests.hil.usb.usbip_client import BULK, DEVICE_DESCRIPTOR, Client, OneBus, import_of
from tests.support import effort, wait_until

# From the page that Linux documents the protocol on: a transfer each way with an interrupt endpoint, as captured.
CMD_IN: Final = "00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 00000000 00000000"
CMD_OUT: Final = "00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff 00000000 00000004 00000000 00000000"
RET_OUT: Final = "00000003 00000d06 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000"


@pytest.fixture
def client() -> Client:
    return Client(OneBus())


def test_layouts_read_the_messages_of_the_documentation() -> None:
    asked = usbip.Submit(*usbip.SUBMIT.unpack(bytes.fromhex(CMD_IN)))
    assert asked == usbip.Submit(1, 0xD05, 0x1000F, 1, 1, 0x200, 64, -1, 0, 4, bytes(8))
    assert usbip.Submit(*usbip.SUBMIT.unpack(bytes.fromhex(CMD_OUT))).direction == usbip.TO_DEVICE
    assert usbip.ENDED.pack(3, 0xD06, 0, 0, 0, 0, 64, -1, 0, 0) == bytes.fromhex(RET_OUT)


def test_list_names_device_and_interfaces_byte_for_byte(client: Client) -> None:
    heard = client.say(bytes.fromhex("01118005 00000000"))
    assert heard[:12] == bytes.fromhex("01110005 00000000 00000001")
    assert heard[12:268].rstrip(b"\0") == b"/sys/devices/pumpbench/usb1/1-1"
    assert heard[268:300] == b"1-1".ljust(32, b"\0")
    assert heard[300:324].hex(" ", 4) == "00000001 00000001 00000002 12090001 0100ef02 01010103"
    assert heard[324:].hex(" ", 4) == "ff000000 02020000 0a000000"
    assert client.export.ended


def test_device_is_imported_asked_and_told_off_byte_for_byte(client: Client) -> None:
    heard = client.say(import_of("1-1"))
    assert (heard[:8].hex(), len(heard)) == ("0111000300000000", 8 + 312)
    heard = client.control(DEVICE_DESCRIPTOR, 1, 18)
    assert heard[:48].hex(" ", 4) == (
        "00000003 00000001 00000000 00000000 00000000 00000000 00000012 00000000 00000000 00000000 00000000 00000000"
    )
    assert heard[48:] == client.exports.device.built.device
    heard = client.control("c063000000000800", 1, 8)  # a request that no such device knows
    assert heard[20:28].hex() == "ffffffe000000000"  # -EPIPE, and nothing


def test_bytes_go_to_the_device_and_come_from_it(client: Client) -> None:
    client.attach()
    assert client.ended(client.submit(BULK, 0, data=b"down")) == [(3, 0, b"")]
    assert client.exports.device.end.read(0) == b"down"
    assert client.submit(BULK, 1, 64) == b""
    client.exports.device.end.write(b"up")
    assert client.ended(client.export.outgoing()) == [(4, 0, b"up")]


def test_unlinked_transfer_is_told_once_and_no_more(client: Client) -> None:
    client.attach()
    client.submit(BULK, 1, 64)
    heard = client.unlink(3)
    assert heard.hex(" ", 4) == "00000004 00000004 00000000 00000000 00000000 ffffff98" + " 00000000" * 6
    client.exports.device.end.write(b"for the next")
    assert client.export.outgoing() == b""
    assert client.ended(client.submit(BULK, 1, 64)) == [(5, 0, b"for the next")]


def test_unlinking_that_comes_too_late_is_told_after_the_end_of_the_transfer(client: Client) -> None:
    client.attach()
    client.submit(BULK, 1, 64)
    client.exports.device.end.write(b"just before")
    assert client.ended(client.unlink(3)) == [(3, 0, b"just before"), (4, 0, b"")]
    assert client.ended(client.unlink(3)) == [(5, 0, b"")]


def test_empty_packet_follows_a_full_one_where_the_host_asks_for_it(client: Client) -> None:
    client.attach()
    client.submit(BULK, 0, data=bytes(128))
    assert client.exports.device.end.read(0) == b""  # still waits for the end of the transfer
    client.submit(BULK, 0, data=bytes(64), flags=usbip.ZERO_PACKET)
    assert len(client.exports.device.end.read(0)) == 192


def test_short_answer_is_an_error_only_where_the_host_says_so(client: Client) -> None:
    client.attach()
    for flags, status in ((0, 0), (usbip.SHORT_NOT_OK, -121)):
        client.exports.device.end.write(b"short")
        ((_, got, data),) = client.ended(client.submit(BULK, 1, 64, flags=flags))
        assert (got, data) == (status, b"short")


def test_endpoint_that_is_not_there_does_not_answer(client: Client) -> None:
    client.attach()
    ((_, status, _),) = client.ended(client.submit(9, 1, 64))
    assert status == -71


def test_device_that_is_unplugged_ends_its_transfers_and_the_connection(client: Client) -> None:
    client.attach()
    client.submit(BULK, 1, 64)
    client.exports.bus.unplug(client.exports.device)
    assert client.ended(client.export.outgoing()) == [(3, -108, b"")]
    assert client.export.ended


def test_client_that_leaves_ends_its_session_and_frees_the_device(client: Client) -> None:
    client.attach()
    client.submit(BULK, 1, 64)
    assert client.exports.device.end.attached
    assert client.exports.free is False
    client.export.left()
    assert (client.exports.device.end.attached, client.exports.free) == (False, True)
    configuration = client.exports.device.configuration
    assert configuration is not None  # as the next client is told in the list


def test_second_client_is_told_that_the_device_is_busy_and_a_third_that_there_is_none(client: Client) -> None:
    client.attach()
    assert Client(client.exports).say(import_of("1-1")).hex() == "0111000300000002"
    assert Client(client.exports).say(import_of("1-9")).hex() == "0111000300000004"
    assert client.ended(client.control(DEVICE_DESCRIPTOR, 1, 18))[0][1] == 0


@given(st.integers(1, 700))
@settings(max_examples=effort(25, 700))
def test_every_cut_of_what_is_said_gives_the_same_answers(step: int) -> None:
    def told(client: Client) -> bytes:
        heard = client.attach() + client.submit(BULK, 0, data=bytes(range(200)))
        client.exports.device.end.write(bytes(70))
        return heard + client.submit(BULK, 1, 512) + client.unlink(1)

    assert told(Client(OneBus(), step)) == told(Client(OneBus()))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("01068005 00000000", "version 0x0106 of USB/IP, expected 0x0111"),
        ("01119999 00000000", "asks for 0x9999, expected a list"),
    ],
)
def test_client_that_speaks_otherwise_is_refused_by_name(said: str, told: str, client: Client) -> None:
    with pytest.raises(PeerBroken, match=told):
        client.say(bytes.fromhex(said))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"command": 7}, "sends command 7"),
        ({"devid": 5}, "speaks of device 0x00000005, and has 0x00010001"),
        ({"direction": 2}, "direction 2, expected 0 or 1"),
        ({"length": -1}, "a transfer of -1 bytes"),
        ({"length": 2**31 - 1}, "a transfer of 2147483647 bytes, expected at most 16777216"),
        ({"packet_count": 8}, "8 isochronous packets"),
        ({"endpoint": 77}, "on endpoint 77"),
    ],
)
def test_transfer_that_cannot_be_is_refused_by_name(changes: dict[str, Any], told: str, client: Client) -> None:
    client.attach()
    true = usbip.Submit(1, 99, 1 << 16 | 1, 1, BULK, 0, 64, 0, 0, 0, bytes(8))
    with pytest.raises(PeerBroken, match=told):
        client.say(usbip.SUBMIT.pack(*true._replace(**changes)))


def test_number_that_is_under_way_cannot_be_used_again(client: Client) -> None:
    client.attach()
    client.submit(BULK, 1, 64)
    client._seqnum -= 1
    with pytest.raises(PeerBroken, match="transfer 3 was asked for while it is under way"):
        client.submit(BULK, 1, 64)


def test_more_transfers_than_anybody_needs_are_refused(client: Client) -> None:
    client.attach()
    for _ in range(1024):
        client.submit(BULK, 1, 64)
    with pytest.raises(PeerBroken, match="more than 1024 transfers"):
        client.submit(BULK, 1, 64)


@pytest.fixture
def served() -> Iterator[tuple[UsbipServer, PumpDevice, list[str]]]:
    bus, device, told = Bus(), PumpDevice("P1"), list[str]()
    bus.plug(device)
    server = UsbipServer(bus, port=0, told=told.append)
    yield server, device, told
    server.close()


Served = tuple[UsbipServer, PumpDevice, list[str]]


def test_server_listens_on_loopback_unless_it_is_told_otherwise(served: Served) -> None:
    server, *_ = served
    assert server.devices == [f"usbip://127.0.0.1:{server.port}/1-1"]
    assert is_loopback(server.host)
    assert all(is_loopback(host) for host in ("127.0.0.1", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "192.168.7.7", "::"))


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("usbip://127.0.0.1:3240/1-1", "usbip attach -r 127.0.0.1 -b 1-1"),
        ("usbip://[::1]:3241/1-2", "usbip --tcp-port 3241 attach -r ::1 -b 1-2"),
        ("usbip://0.0.0.0:3240/1-1", f"usbip attach -r {socket.gethostname()} -b 1-1"),
    ],
)
def test_line_to_type_names_host_port_and_device(url: str, line: str) -> None:
    assert attach_line(url) == line


def test_one_host_after_another_has_the_device(served: Served) -> None:
    server, device, told = served
    for _ in range(3):
        far = UsbipDevice(server.host, server.port, "1-1")
        with pytest.raises(PortBusy, match="another host or program has it"):
            UsbipDevice(server.host, server.port, "1-1")
        far.unplug()
        wait_until(lambda: not server._taken, "the server to have it back")
    with pytest.raises(PortMissing, match="no such device there"):
        UsbipDevice(server.host, server.port, "1-7")
    assert told == []


def test_client_that_stops_in_the_middle_is_hung_up_on_and_the_next_is_served(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pumpbench.hil.usb.peer.MESSAGE_S", 0.05)
    server, _, told = served
    for half in (b"", b"\x01", import_of("1-1")[:20], import_of("1-1") + b"\0\0\0\1"):
        with socket.create_connection((server.host, server.port), 10) as client:
            client.sendall(half)
            while client.recv(4096):
                pass
    assert len(told) == 4
    assert all("the rest of a message did not come within" in line for line in told)
    wait_until(lambda: not server._taken, "the device to be free")
    UsbipDevice(server.host, server.port, "1-1").unplug()


def test_stream_whose_pieces_never_end_where_messages_do_goes_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look at the clock is a second later: more of them than the patience with one message.
    clock = SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr("pumpbench.hil.usb.peer.time", clock)
    server, _, told = served
    asked = usbip.SUBMIT.pack(1, 0, 1 << 16 | 1, 1, 0, 0, 18, 0, 0, 0, bytes.fromhex(DEVICE_DESCRIPTOR))
    messages = b"".join(asked[:4] + number.to_bytes(4) + asked[8:] for number in range(1, 21))
    with socket.create_connection((server.host, server.port), 10) as client:
        client.sendall(import_of("1-1") + messages[:20])
        assert len(client.recv(8 + 312, socket.MSG_WAITALL)) == 320
        for at in range(20, len(messages) - 48, 48):
            with socket.create_connection((server.host, server.port), 10) as another:
                another.sendall(bytes.fromhex("01118005 00000000"))  # which takes its time
                while another.recv(4096):
                    pass
            client.sendall(messages[at : at + 48])
            assert len(client.recv(48 + 18, socket.MSG_WAITALL)) == 66, told
        assert told == []


def test_client_that_never_listens_is_hung_up_on_by_name(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.links.descriptor.STALL_S", 0.05)
    server, _, told = served
    asked = usbip.SUBMIT.pack(1, 1, 1 << 16 | 1, 1, 0, 0, 18, 0, 0, 0, bytes.fromhex(DEVICE_DESCRIPTOR))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((server.host, server.port))
        client.settimeout(10)
        with contextlib.suppress(ConnectionError, TimeoutError):
            client.sendall(import_of("1-1"))
            while not told:
                client.sendall(asked * 1000)
        wait_until(lambda: bool(told), "it to be told")
    assert "took no byte for" in told[0]
    wait_until(lambda: not server._taken, "the device to be free")
    UsbipDevice(server.host, server.port, "1-1").unplug()


def test_host_that_leaves_late_does_not_touch_the_device_of_the_next(client: Client) -> None:
    client.attach()
    bus = client.exports.bus
    bus.unplug(client.exports.device)
    bus.plug(client.exports.device)
    client.exports.free = True
    after = Client(client.exports)
    after.attach()
    client.export.left()
    assert client.exports.device.end.attached  # by the second


def test_crowd_of_clients_is_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.usb.usbip_server.PEERS_MAX", 2)
    server, _, told = served
    crowd = [socket.create_connection((server.host, server.port), 10) for _ in range(3)]
    assert crowd[2].recv(1) == b""
    assert told[0].endswith("turned away, 2 others are here already")
    for one in crowd:
        one.close()


def test_server_that_closes_hangs_up_on_its_clients(served: Served) -> None:
    server, *_ = served
    far = UsbipDevice(server.host, server.port, "1-1")
    far.plug()
    server.close()
    wait_until(lambda: not far.plugged, "the client to see it")
    assert far.broken == ""
    server.close()  # which does nothing more
