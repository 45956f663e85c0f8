"""What a named port adds to the contract: how it is opened, and one clear line for each way it cannot be."""

import fcntl
import os
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator

import pytest
import serial
import serial.rfc2217

from pumpbench.hil.links import LinkError, LinkLost, PortBusy, PortDenied, PortMissing, PtyLink, SerialLink, TcpLink, UrlInvalid
from pumpbench.hil.links.holders import eavesdroppers, holders
from tests.contracts.links import EVERY_BYTE, read_exactly
from tests.support import require

HOLDER = """
import serial, sys
port = serial.Serial(sys.argv[1], exclusive=True)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def device() -> Iterator[PtyLink]:
    require("pty")
    with PtyLink() as link:
        yield link


def test_serial_changes_no_byte_when_opened_on_a_cooked_line(device: PtyLink) -> None:
    fd = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    attributes = termios.tcgetattr(fd)
    attributes[0] |= termios.ICRNL | termios.BRKINT | termios.ISTRIP | termios.IXON
    attributes[1] |= termios.OPOST | termios.ONLCR
    attributes[2] |= termios.HUPCL
    attributes[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    with SerialLink(device.slave_path) as host:
        host.write(EVERY_BYTE)
        device.write(EVERY_BYTE)
        assert read_exactly(device, 256) == EVERY_BYTE
        assert read_exactly(host, 256) == EVERY_BYTE
        assert not termios.tcgetattr(fd)[2] & termios.HUPCL
    os.close(fd)


def test_serial_sets_the_baud_rate_when_asked(device: PtyLink) -> None:
    fd = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    with SerialLink(device.slave_path, baud=921600):
        assert termios.tcgetattr(fd)[4:6] == [termios.B921600, termios.B921600]
    os.close(fd)


def test_serial_leaves_dtr_and_rts_when_it_opens(device: PtyLink, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[int] = []
    real = fcntl.ioctl

    def watched(fd: int, request: int, *rest: object) -> object:
        if request in (termios.TIOCMBIS, termios.TIOCMBIC, termios.TIOCMSET):
            moved.append(request)
        return real(fd, request, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(fcntl, "ioctl", watched)
    with SerialLink(device.slave_path):
        assert moved == []
    with pytest.raises(OSError, match="Inappropriate"):  # a pty has no modem lines: the watch itself can see a move
        serial.Serial(device.slave_path).dtr = True
    assert moved


def test_serial_names_the_holder_when_another_process_has_the_port(device: PtyLink) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, device.slave_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy) as told:
            SerialLink(device.slave_path)
        assert f"pid {holder.pid} (" in str(told.value)
        assert "running since 20" in str(told.value)
        assert "import serial" in str(told.value)
        assert "\n" not in str(told.value)
        holder.communicate()
    with SerialLink(device.slave_path) as host:
        assert host.read(0) == b""


def test_serial_refuses_a_port_that_another_process_reads_without_a_lock(device: PtyLink) -> None:
    code = "import os, sys; os.open(sys.argv[1], os.O_RDONLY | os.O_NOCTTY); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, device.slave_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy, match=rf"held by pid {reader.pid} \(.*import os, sys"):
            SerialLink(device.slave_path)
        reader.communicate()
    SerialLink(device.slave_path).close()


def test_serial_opens_a_pty_whose_server_keeps_the_other_end_open() -> None:
    require("pty")
    code = "import os, sys; m, s = os.openpty(); print(os.ttyname(s), flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        path = server.stdout.readline().decode().strip()
        assert [holder.pid for holder in holders(path)] == [server.pid]
        SerialLink(path).close()
        server.communicate()


def test_serial_says_so_when_this_process_itself_has_the_port(device: PtyLink) -> None:
    with SerialLink(device.slave_path), pytest.raises(PortBusy, match="this very process"):
        SerialLink(device.slave_path)


def test_holders_is_empty_when_nobody_has_the_file_open(device: PtyLink) -> None:
    assert holders(device.slave_path) == []
    assert holders("/dev/no-such-port") == []


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("/dev/no-such-port", PortMissing, "no such port"),
        ("", PortMissing, "no such port"),
        ("socket://127.0.0.1:1", PortMissing, "nobody answers"),
        ("rfc2217://127.0.0.1:1", PortMissing, "nobody answers"),
        ("socket://127.0.0.1", LinkError, "socket"),
        ("nonsense://x", UrlInvalid, "nonsense"),
        ("/dev/null", LinkError, "serial port"),
        ("/etc/passwd", UrlInvalid, "no serial port"),
        ("/etc", UrlInvalid, "no serial port"),
    ],
)
def test_serial_says_what_to_do_when_the_port_cannot_open(url: str, kind: type[LinkError], words: str) -> None:
    with pytest.raises(kind, match=words) as told:
        SerialLink(url)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(url)


def test_serial_refuses_a_baud_rate_when_it_is_none(device: PtyLink) -> None:
    with pytest.raises(UrlInvalid, match="baud"):
        SerialLink(device.slave_path, baud=-1)


def test_serial_is_denied_when_the_user_lacks_the_right(device: PtyLink, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", refuse)
    with pytest.raises(PortDenied, match="dialout"):
        SerialLink(device.slave_path)


def test_serial_is_lost_when_the_tcp_server_goes() -> None:
    with TcpLink() as device, SerialLink(device.url) as host:
        host.write(b"x")
        assert read_exactly(device, 1) == b"x"
        device.close()
        with pytest.raises(LinkLost):
            read_exactly(host, 1)


def test_serial_sends_small_writes_at_once_when_on_tcp() -> None:
    with TcpLink() as device, SerialLink(device.url) as host:
        assert host._port._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_serial_gives_back_what_was_sent_when_on_loop() -> None:
    with SerialLink("loop://", baud=3_000_000) as loop:
        loop.write(EVERY_BYTE * 12)
        assert read_exactly(loop, 256 * 12) == EVERY_BYTE * 12
        assert loop.read(0) == b""
        assert loop.read(0.02) == b""
    with pytest.raises(LinkLost):
        loop.read(0)


class Rfc2217Echo:
    """A port server as RFC 2217 has it, over pyserial's own, in front of a loop."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self.listener.getsockname()[1]}"
        self.client: socket.socket | None = None
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def write(self, data: bytes) -> None:
        assert self.client is not None
        self.client.sendall(data)

    def serve(self) -> None:
        self.client = self.listener.accept()[0]
        port = serial.serial_for_url("loop://", timeout=0, baudrate=3_000_000)
        manager = serial.rfc2217.PortManager(port, self)
        while received := self.client.recv(4096):
            port.write(b"".join(manager.filter(received)))
            self.write(b"".join(manager.escape(port.read(port.in_waiting))))

    def hang_up(self) -> None:
        assert self.client is not None
        self.client.shutdown(socket.SHUT_RDWR)
        self.thread.join(20)
        self.client.close()
        self.listener.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
def test_serial_passes_every_byte_and_sees_the_end_when_on_rfc2217() -> None:
    server = Rfc2217Echo()
    with SerialLink(server.url) as host:
        host.write(EVERY_BYTE)
        assert read_exactly(host, 256) == EVERY_BYTE
        server.hang_up()
        with pytest.raises(LinkLost):
            read_exactly(host, 1)


def test_child_that_has_not_become_a_program_yet_holds_no_port(device: PtyLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other thread's child is for a moment, which then stood in the way of a port just opened."""
    monkeypatch.setattr("pumpbench.hil.links.holders._serves", lambda pid, index: False)  # as of a port that others serve
    ours, childs = os.pipe()
    with SerialLink(device.slave_path) as host:
        pid = os.fork()
        if pid == 0:
            os.close(childs)
            os.read(ours, 1)
            os._exit(0)
        assert [one.pid for one in holders(device.slave_path) if one.pid == pid] == [pid]
        assert eavesdroppers(device.slave_path) == []
        assert host.url == device.slave_path
    os.close(childs)
    os.waitpid(pid, 0)
    os.close(ours)
