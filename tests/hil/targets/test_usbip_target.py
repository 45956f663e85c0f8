"""A device that a USB/IP server has, as a target: what its name may be, and what is told of a server that is none or fails."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links import LinkError, LinkLost, PortBusy, PortMissing, ReconnectingLink
from pumpbench.hil.targets import Access, open_target
from pumpbench.hil.targets.usb import Served
from pumpbench.hil.targets.usbip import Attached
from pumpbench.hil.usb import usbip
from pumpbench.hil.usb.usbip import Op
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.protocol.codes import Level

IMPORTED = usbip.OP_HEAD.pack(usbip.VERSION, Op.REP_IMPORT, 0) + usbip.EXPORTED.pack(
    b"/p", b"1-1", 1, 1, 2, 0x1209, 1, 0x0100, 0, 0, 0, 1, 1, 1
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.usb.usbip_device.PATIENCE_S", 0.2)


@contextmanager
def saying(words: bytes, hangs_up: bool) -> Iterator[str]:
    """A server that says this to each client, whatever it is asked; then it hangs up, or is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as clients:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client = clients.enter_context(server.accept()[0])
                    client.recv(4096)
                    client.sendall(words)
                    if hangs_up:
                        client.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"usbip://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def served(port: int = 0) -> Iterator[UsbipServer]:
    with closing(Served("FAR", "emulator", Access())) as pump, closing(UsbipServer(pump.bus, port=port)) as server:
        yield server


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_port_that_cannot_be_is_refused_before_anybody_is_asked(port: int) -> None:
    with pytest.raises(TargetUnknown, match=f"there is no port {port}; choose one of 1 to 65535"):
        open_target(f"usb:1209:0001@usbip://127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("words", "hangs_up", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, r"no USB/IP server of version 0x0111 \(it answers 0x4854 0x5450\)"),
        (b"", True, "it hung up on an import"),
        (b"", False, r"no USB/IP server \(timed out\); see what listens there"),
        (usbip.OP_HEAD.pack(usbip.VERSION, Op.REP_IMPORT, 4), False, r"no such device there \(status 4\); see `usbip --tcp"),
        (IMPORTED, True, r"its device does not tell what it is \(it hung up\)"),
        (IMPORTED, False, r"its device does not tell what it is \(it did not answer a request in 0.2 s\)"),
        (IMPORTED + bytes(48), False, r"what it is \(it sends command 0, expected the end of a transfer"),
    ],
)
def test_server_that_gives_no_device_is_told_by_what_it_did(words: bytes, hangs_up: bool, told: str) -> None:
    with saying(words, hangs_up) as url, pytest.raises(LinkError, match=told):
        Attached(url)


def test_address_with_colons_is_shown_as_it_was_given() -> None:
    with pytest.raises(PortMissing, match=r"^usbip://\[::1\]:1/1-1: "):
        UsbipDevice("::1", 1, "1-1")


def test_server_that_ended_is_told_as_such_when_it_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.targets.usb.PATIENCE_S", 0.2)
    with ExitStack() as far:
        with open_target(f"usb:1209:0001@{far.enter_context(served()).url}") as target:
            assert isinstance(target.link, ReconnectingLink)
            bench = Bench(Conversation(target.link))
            assert bench.identify().level == Level.L3
            far.close()
            with pytest.raises(LinkLost, match=r"was not back in 0.2 s \(usbip://\S+: nobody answers"):
                bench.identify()


def test_device_that_another_has_is_waited_for_as_long_as_was_said() -> None:
    with served() as server:
        url = f"usb:1209:0001@{server.url}"
        holder = open_target(url)
        with pytest.raises(PortBusy, match="another host or program has it; detach it there, or wait for it with --wait"):
            open_target(url)
        ends = threading.Timer(0.3, holder.close)
        ends.start()
        with open_target(url, access=Access(wait_s=60)) as target:
            assert Bench(Conversation(target.link)).identify().level == Level.L3
        ends.join()
