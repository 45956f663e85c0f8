"""What a served TCP port adds to the contract: one host at a time, on loopback unless told."""

import socket

import pytest

from pumpbench.hil.links import PortBusy, PortMissing, SerialLink, TcpLink
from tests.contracts.links import read_exactly
from tests.support import wait_until


def test_tcp_listens_on_loopback_alone_when_not_told_otherwise() -> None:
    with TcpLink() as device:
        assert device.url.startswith("socket://127.0.0.1:")
        assert not device.attached


def test_tcp_turns_a_second_host_away_when_one_is_attached() -> None:
    with TcpLink() as device, SerialLink(device.url) as first:
        wait_until(lambda: device.attached, "the host to be let in")
        host, _, port = device.url.removeprefix("socket://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as second:
            first.write(b"mine")
            assert read_exactly(device, 4) == b"mine"
            wait_until(lambda: device.read(0) == b"" and _closed(second), "the second host to be turned away")
        device.write(b"still mine")
        assert read_exactly(first, 10) == b"still mine"


def test_tcp_serves_the_next_host_when_one_leaves() -> None:
    with TcpLink() as device:
        for turn in range(5):
            with SerialLink(device.url) as host:
                host.write(b"host %d" % turn)
                assert read_exactly(device, 6) == b"host %d" % turn
                device.write(b"hello")
                assert read_exactly(host, 5) == b"hello"
            wait_until(lambda: device.read(0) == b"" and not device.attached, "the host's leaving to be seen")


def test_tcp_is_busy_when_somebody_listens_there() -> None:
    with TcpLink() as device:
        port = int(device.url.rpartition(":")[2])
        with pytest.raises(PortBusy, match="another port"):
            TcpLink(port=port)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70000)])
def test_tcp_is_missing_when_it_cannot_listen_there(host: str, port: int) -> None:
    with pytest.raises(PortMissing):
        TcpLink(host, port)


def _closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
