"""What a pty adds to the contract: hosts that come and go, stable names, and a line that changes nothing."""

import os
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from pumpbench.hil.links import LinkLost, PortBusy, PortMissing, PtyLink, SerialLink
from tests.contracts.links import EVERY_BYTE, read_exactly
from tests.support import require, wait_until


@pytest.fixture
def device() -> Iterator[PtyLink]:
    require("pty")
    with PtyLink() as link:
        yield link


def test_pty_serves_the_next_host_when_one_leaves(device: PtyLink) -> None:
    for turn in range(5):
        with SerialLink(device.slave_path) as host:
            host.write(b"host %d" % turn)
            assert read_exactly(device, 6) == b"host %d" % turn
            device.write(b"hello")
            assert read_exactly(host, 5) == b"hello"
        assert device.read(0.01) == b""
        assert not device.attached


def test_pty_keeps_nothing_for_the_next_host_when_the_last_left_it_unread(device: PtyLink) -> None:
    host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    device.write(b"unread")
    os.close(host)
    assert device.read(0.01) == b""
    device.write(b"nobody is there")
    host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    device.write(b"fresh")
    assert os.read(host, 100) == b"fresh"
    os.close(host)


def test_pty_is_raw_again_when_a_host_left_it_cooked(device: PtyLink) -> None:
    host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    attributes = termios.tcgetattr(host)
    attributes[1] |= termios.OPOST | termios.ONLCR
    attributes[3] |= termios.ICANON | termios.ECHO | termios.ISIG
    termios.tcsetattr(host, termios.TCSANOW, attributes)
    wait_until(lambda: device.read(0) == b"" and device.attached, "the host to be seen")
    os.close(host)
    assert device.read(0.01) == b""
    # Opened as `cat` would, without setting anything.
    host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    device.write(EVERY_BYTE)
    os.write(host, EVERY_BYTE)
    assert read_exactly(device, 256) == EVERY_BYTE
    assert os.read(host, 4096) == EVERY_BYTE
    os.close(host)


def test_host_loses_the_link_when_the_device_hangs_up(device: PtyLink) -> None:
    with SerialLink(device.slave_path) as host:
        device.close()
        with pytest.raises(LinkLost, match="reconnect"):
            read_exactly(host, 1)
        with pytest.raises(LinkLost):
            host.write(b"x")


def test_write_to_a_host_that_left_returns_when_its_buffer_is_full(device: PtyLink) -> None:
    host = os.open(device.slave_path, os.O_RDWR | os.O_NOCTTY)
    wait_until(lambda: device.attached, "the host to be let in")
    os.close(host)
    device.write(bytes(1_000_000))
    assert not device.attached


def test_symlink_names_the_slave_and_goes_when_the_device_closes(tmp_path: Path) -> None:
    name = tmp_path / "ttyPUMP0"
    with PtyLink(symlink=name) as device, SerialLink(str(name)) as host:
        assert device.url == str(name)
        host.write(b"by name")
        assert read_exactly(device, 7) == b"by name"
    assert not name.is_symlink()


def test_symlink_is_taken_over_when_a_killed_run_left_it_dangling(tmp_path: Path) -> None:
    name = tmp_path / "ttyPUMP0"
    name.symlink_to("/dev/pts/no-such-pty")
    with PtyLink(symlink=name) as device:
        assert os.readlink(name) == device.slave_path


def test_symlink_is_refused_when_it_is_alive_or_a_file(tmp_path: Path) -> None:
    name, file = tmp_path / "ttyPUMP0", tmp_path / "notes"
    file.write_text("keep me")
    with PtyLink(symlink=name) as device:
        with pytest.raises(PortBusy, match="alive"):
            PtyLink(symlink=name)
        assert os.readlink(name) == device.slave_path
    with pytest.raises(PortBusy, match="is a file"):
        PtyLink(symlink=file)
    assert file.read_text() == "keep me"


def test_symlink_is_refused_when_its_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PortMissing, match="folder"):
        PtyLink(symlink=tmp_path / "missing" / "ttyPUMP0")


def test_close_leaves_the_symlink_when_somebody_pointed_it_elsewhere(tmp_path: Path) -> None:
    name = tmp_path / "ttyPUMP0"
    with PtyLink(symlink=name):
        name.unlink()
        name.symlink_to("/dev/null")
    assert os.readlink(name) == "/dev/null"
