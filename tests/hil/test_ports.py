"""The ports of a machine, planted: their order, their boards, and how a board is found again under another name."""

import os
import pty
import types
from pathlib import Path
from typing import Any

import pytest
from serial.tools import list_ports

from pumpbench.hil import ports
from pumpbench.hil.links import PortMissing, UrlInvalid
from pumpbench.hil.lock import BoardBusy, BoardLock
from tests.support import require, wait_until


def plant(monkeypatch: pytest.MonkeyPatch, *found: Any) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: list(found))


def port(device: Path | str, serial: str | None = None, vid: int | None = 0x0483) -> Any:
    return types.SimpleNamespace(
        device=str(device),
        vid=vid,
        pid=0x374B,
        serial_number=serial,
        location="1-2.3:1.2",
        product="STM32 STLink",
        description="n/a",
    )


def test_newest_port_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("second", "first"):
        (tmp_path / name).write_text("")
    plant(monkeypatch, port(tmp_path / "second", "B"), port(tmp_path / "gone"), port(tmp_path / "first", "A"))
    order = {str(tmp_path / "first"): 1.0, str(tmp_path / "second"): 2.0}
    monkeypatch.setattr(ports, "_made_s", lambda device: order.get(device, 0.0))
    assert [os.path.basename(one.device) for one in ports.ports()] == ["gone", "first", "second"]
    assert ports.ports()[-1].vid_pid == "0483:374b"
    assert ports.ports()[-1].topology == "1-2.3:1.2"


def test_port_without_usb_has_no_vendor_and_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = types.SimpleNamespace(
        device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None, product=None, description="n/a"
    )
    plant(monkeypatch, bare)
    assert [(one.vid_pid, one.usb_serial, one.topology, one.description) for one in ports.ports()] == [("", "", "", "")]


def test_driver_of_a_port_is_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ttyACM0" / "device").mkdir(parents=True)
    (tmp_path / "cdc_acm").mkdir()
    (tmp_path / "ttyACM0" / "device" / "driver").symlink_to(tmp_path / "cdc_acm")
    monkeypatch.setattr(ports, "DEVICES", tmp_path)
    plant(monkeypatch, port("/dev/ttyACM0"), port("/dev/ttyACM1"))
    assert [one.driver for one in ports.ports()] == ["cdc_acm", ""]


def test_board_is_found_by_its_serial_number_whatever_its_device_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, port("/dev/ttyACM10", "066BFF"), port("/dev/ttyACM9", "066BFF"), port("/dev/ttyACM0", "other"))
    assert ports.device_of("usb-serial:066bff") == "/dev/ttyACM9"
    assert ports.device_of("/dev/ttyACM5") == "/dev/ttyACM5"


def test_board_that_is_not_plugged_in_is_missed_with_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, port("/dev/ttyACM0", "OTHER"), port("/dev/ttyS0", vid=None))
    with pytest.raises(PortMissing, match=r"no board with USB serial 066BFF is plugged in; plug it in; seen: OTHER"):
        ports.device_of("usb-serial:066BFF")
    with pytest.raises(UrlInvalid, match="pumpbench list"):
        ports.device_of("usb-serial:")


def test_board_has_one_id_by_whichever_name_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device, link, plain = tmp_path / "ttyACM0", tmp_path / "by-id", tmp_path / "ttyS0"
    device.write_text("")
    plain.write_text("")
    link.symlink_to(device)
    plant(monkeypatch, port(device, "066BFF"), port(plain, None, vid=None))
    assert {ports.board_id(str(device)), ports.board_id(str(link)), ports.board_id("usb-serial:066BFF")} == {"066bff"}
    assert ports.board_id(str(plain)) == str(plain)
    assert ports.board_id("socket://127.0.0.1:7000") == "socket://127.0.0.1:7000"


def test_pty_that_got_the_number_of_one_that_is_gone_is_another_board() -> None:
    require("linux")
    require("pty")

    def made() -> str:
        """The id of a new pty, the same after bytes have passed."""
        ends = pty.openpty()
        path = os.ttyname(ends[1])
        found = ports.board_id(path)
        os.write(ends[0], b"x\n")
        assert os.read(ends[1], 2) == b"x\n"
        assert ports.board_id(path) == found
        for end in ends:
            os.close(end)
        return found

    first = made()
    # The system counts the age of its files in steps of milliseconds.
    wait_until(lambda: made() != first, "another id")
    assert first.partition("#")[0].startswith(ports.PTYS)


def test_lock_tells_a_pty_by_its_path(tmp_path: Path) -> None:
    held = BoardLock("/dev/pts/7#1", "test it", folder=tmp_path)
    BoardLock("/dev/pts/7#2", "test it", folder=tmp_path).close()
    with held, pytest.raises(BoardBusy, match=r"^/dev/pts/7: held by pid"):
        BoardLock("/dev/pts/7#1", "test it", folder=tmp_path)
