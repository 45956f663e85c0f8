"""Hosts elsewhere that lie to our servers, and a server that lies to us: named ends, bounded memory, the next one is served."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.hil.links import LinkError
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.usb import usbip, usbredir
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import FRAMES, OPEN
from pumpbench.hil.usb.peer import Talk
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.script import PeerBroken
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.hil.usb.usbip_export import Export
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.hil.usb.usbredir import OURS, Packet
from pumpbench.hil.usb.usbredir_host import RedirHost
from tests.hil.usb.plugged import ANY
from tests.hil.usb.redir_talk import IN_FRAMES, NOTICES, OUT_FRAMES, Talking, bulk
from tests.hil.usb.usbip_client import OPEN_FRAMES, SET_CONFIGURATION, Client, OneBus, import_of
from tests.support import effort, rng, wait_until

Change = tuple[int, int, bytes]
"""At which byte of what is said, how many of it are left out, what is put there instead."""

changes = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 9), st.binary(max_size=9)), min_size=1, max_size=5)
cuts = st.integers(1, 900)
LINE_MAX: Final = 200
KEPT_BYTES_MAX: Final = 1 << 20
"""Of what so little can make anybody keep or answer."""


def spoilt(said: bytes, by: list[Change]) -> bytes:
    for at, count, instead in by:
        said = said[:at] + instead + said[at + count :]
    return said


def usbip_words() -> bytes:
    """A whole visit, as a kernel makes it."""
    devid = 1 << 16 | 1

    def submit(number: int, endpoint: int, direction: int, length: int, asked: str = "00" * 8) -> bytes:
        return usbip.SUBMIT.pack(1, number, devid, direction, endpoint, 0, length, 0, 0, 0, bytes.fromhex(asked))

    return b"".join(
        (
            import_of("1-1"),
            submit(1, 0, 1, 18, "8006000100001200"),
            submit(2, 0, 0, 0, SET_CONFIGURATION),
            submit(3, 0, 0, 0, OPEN_FRAMES),
            submit(4, 1, 1, 512),
            submit(5, 2, 1, 16),
            submit(6, 1, 0, 40) + bytes(40),
            usbip.UNLINK.pack(2, 7, devid, 0, 0, 4),
            submit(8, 0, 0, 7, "2120000001000700") + bytes(7),
        )
    )


def usbredir_words() -> bytes:
    """A whole visit, as QEMU makes it."""

    def packet(kind: Packet, number: int, body: bytes = b"") -> bytes:
        return usbredir.HEAD_WIDE.pack(kind, len(body), number) + body

    return usbredir.pack_hello("a guest", OURS) + b"".join(
        (
            packet(Packet.CONTROL_PACKET, 1, usbredir.CONTROL.pack(0x80, 6, 0x80, 0, 0x0100, 0, 64)),
            packet(Packet.SET_CONFIGURATION, 2, b"\x01"),
            packet(Packet.SET_ALT_SETTING, 3, bytes([FRAMES, OPEN])),
            packet(Packet.START_INTERRUPT_RECEIVING, 4, bytes([NOTICES])),
            packet(Packet.BULK_PACKET, 5, bulk(IN_FRAMES, 512)),
            packet(Packet.BULK_PACKET, 6, bulk(OUT_FRAMES, 40, bytes(40))),
            packet(Packet.CANCEL_DATA_PACKET, 5),
            packet(Packet.RESET, 7),
        )
    )


def visited(talk: Talk, said: bytes, step: int) -> None:
    """Says it all, and leaves: only `PeerBroken` may come out, and no more may be kept or answered than was asked for."""
    heard, problem = 0, ""
    try:
        for start in range(0, len(said), step):
            talk.received(said[start : start + step])
            heard += len(talk.outgoing())
            if talk.ended:
                break
    except PeerBroken as broken:
        problem = str(broken)
    talk.left()
    assert heard < KEPT_BYTES_MAX
    assert "\n" not in problem
    assert len(problem) < LINE_MAX


def assert_serves_a_client(exports: OneBus) -> None:
    client = Client(exports)
    assert len(client.attach()) == 8 + 312
    ((_, status, _),) = client.ended(client.submit(1, 0, data=b"after all that"))
    assert (status, exports.device.end.read(0)) == (0, b"after all that")


@given(changes, cuts)
@settings(max_examples=effort(200, 40_000))
def test_spoilt_visit_by_usbip_ends_by_name_and_the_next_client_is_served(by: list[Change], step: int) -> None:
    exports = OneBus()
    visited(Export(exports, lambda: None), spoilt(usbip_words(), by), step)
    assert (exports.device.end.attached, exports.free) == (False, True)
    exports.device.end.read(0)
    assert_serves_a_client(exports)


@given(changes, cuts)
@settings(max_examples=effort(200, 40_000))
def test_spoilt_visit_by_usbredir_ends_by_name_and_the_next_guest_is_served(by: list[Change], step: int) -> None:
    talking = Talking()
    talking.host.left()
    present = talking.bus.attached[0]
    visited(RedirHost(lambda: present, lambda: None), spoilt(usbredir_words(), by), step)
    assert not talking.device.end.attached
    talking.device.end.read(0)
    after = RedirHost(lambda: present, lambda: None)
    hello = usbredir.pack_hello("a guest", OURS)
    after.received(hello)
    assert len(after.outgoing()) > len(hello)
    after.received(usbredir_words()[len(hello) :])
    assert talking.device.end.read(0) == bytes(40)


@given(st.binary(max_size=2000), cuts)
@settings(max_examples=effort(100, 20_000))
def test_bytes_that_are_no_protocol_at_all_end_by_name(said: bytes, step: int) -> None:
    exports = OneBus()
    visited(Export(exports, lambda: None), said, step)
    visited(RedirHost(lambda: None, lambda: None), said, step)
    assert exports.free


@pytest.mark.parametrize("length", [1 << 24, (1 << 24) + 1, 2**31 - 1, -1])
def test_length_that_is_only_claimed_costs_no_memory(length: int) -> None:
    client = Client(OneBus())
    client.attach()
    head = usbip.SUBMIT.pack(1, 99, 1 << 16 | 1, 0, 1, 0, length, 0, 0, 0, bytes(8))
    with contextlib.suppress(PeerBroken):
        client.say(head + bytes(100))
    assert client.export._script.waiting_bytes <= 148


def test_more_bytes_under_way_than_anybody_needs_are_refused() -> None:
    client = Client(OneBus())
    client.attach()
    for _ in range(16):
        client.submit(1, 0, data=bytes(1 << 20))
    with pytest.raises(PeerBroken, match="more than 16777216 bytes under way"):
        client.submit(1, 0, data=b"and one more")
    client.export.left()
    assert_free_again(client.exports)


def assert_free_again(exports: OneBus) -> None:
    while exports.device.end.read(0):
        pass
    assert_serves_a_client(exports)


def test_server_outlives_clients_that_break_off_anywhere() -> None:
    bus, told, draw = Bus(), list[str](), rng("clients that break off")
    bus.plug(PumpDevice("P1"))
    server = UsbipServer(bus, port=0, told=told.append)
    words = usbip_words()
    for _ in range(effort(40, 4_000)):
        with socket.create_connection((server.host, server.port), 10) as client:
            said = spoilt(words[: draw.randrange(len(words))], [(draw.randrange(400), draw.randrange(4), draw.randbytes(3))])
            with contextlib.suppress(ConnectionError):
                client.sendall(said)
                if draw.random() < 0.5:
                    client.settimeout(0.005)
                    with contextlib.suppress(TimeoutError):
                        client.recv(4096)
    wait_until(lambda: not server._peers, "the last client to be seen off")
    far = UsbipDevice(server.host, server.port, "1-1")
    far.unplug()
    server.close()
    assert all(line.startswith("usbip client 127.0.0.1:") for line in told)


class LyingServer:
    """Answers an import truly, then each transfer by what `answer` makes of the true end of it."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.exports = OneBus()
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            export = Export(self.exports, lambda: None)
            with client, contextlib.suppress(PeerBroken):
                export.received(client.recv(40, socket.MSG_WAITALL))
                client.sendall(export.outgoing())
                while data := client.recv(65536):
                    export.received(data)
                    client.sendall(self._answer(export.outgoing()))
            export.left()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.usb.usbip_device.PATIENCE_S", 0.05)
    monkeypatch.setattr("pumpbench.hil.links.usb.STALL_S", 0.05)


@pytest.mark.usefixtures("impatient")
def test_server_that_lies_ends_the_link_by_name() -> None:
    draw = rng("a server that lies")
    names = set()
    for _ in range(effort(40, 6_000)):
        turns = iter([draw.random() < 0.15 for _ in range(40)])

        def answer(true: bytes, turns: Iterator[bool] = turns) -> bytes:
            if not next(turns, False):
                return true
            at = draw.randrange(len(true) + 1)
            return spoilt(true, [(at, draw.randrange(5), draw.randbytes(draw.randrange(5)))])

        problem = met(answer)
        assert "\n" not in str(problem)
        names.add(type(problem).__name__)
    assert {"NoneType", "LinkLost"} <= names


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("at", "instead", "told"),
    [
        (4, bytes.fromhex("00000063"), "it ends transfer 99, which is not under way"),
        (0, bytes.fromhex("00000009"), "it sends command 9, expected the end of a transfer (3) or of an unlinking (4)"),
        (24, bytes.fromhex("7fffffff"), "it ends a transfer with 2147483647 bytes, more or fewer than it can have"),
    ],
)
def test_server_that_lies_once_is_named_with_its_lie(at: int, instead: bytes, told: str) -> None:
    turns = itertools.count()

    def answer(true: bytes) -> bytes:
        """The seventh end of a transfer: by then the device is known, and its session is opened."""
        ends = true[:4] == usbip.Command.RET_SUBMIT.to_bytes(4)
        return spoilt(true, [(at, len(instead), instead)]) if ends and next(turns) == 6 else true

    assert f"it was unplugged ({told}); check cable" in str(met(answer))


def met(answer: Callable[[bytes], bytes]) -> LinkError | None:
    """What a link through such a server comes to; anything but a `LinkError` goes through."""
    server = LyingServer(answer)
    bus = Bus()
    device = None
    try:
        device = UsbipDevice("127.0.0.1", server.port, "1-1")
        bus.plug(device)
        with UsbLink(ANY, InProcessBackend(bus)) as link:
            link.write(b"down")
            server.exports.device.end.write(b"up")
            for _ in range(3):
                link.read(0)
    except LinkError as problem:
        return problem
    finally:
        if device is not None:
            device.unplug()
        server.close()
    return None
