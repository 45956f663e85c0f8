"""What the doctor says of the rig: QEMU, ModemManager, latency timers, ports that moved or are held, images, each planted."""

import os
from pathlib import Path

import pytest

from pumpbench.hil.links import PtyLink, SerialLink
from pumpbench.hil.ports import Port
from pumpbench.tools import doctor_rig
from pumpbench.tools.settings import NamedTarget
from tests.support import require
from tests.tools.command import pumpbench

PORT = Port("/dev/ttyUSB0", "0403:6001", "A50285BI", "1-2", "ftdi_sio", "FT232R", 1.0)


def plant_qemu(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str | None) -> None:
    if says is not None:
        (folder / "qemu-system-arm").write_text(f"#!/bin/sh\necho {says}\n")
        (folder / "qemu-system-arm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("says", "wanted", "ok", "what"),
    [
        ("'QEMU emulator version 7.2.22 (Debian)'", True, True, "QEMU 7.2.22; known faults: no snapshots of netduinoplus2"),
        ("'QEMU emulator version 10.0.2'", True, True, "QEMU 10.0.2"),
        ("'QEMU emulator version 6.2.0'", False, False, "QEMU 6.2.0"),
        ("nonsense", True, False, "does not say its version"),
        (None, True, False, "qemu-system-arm not found"),
        (None, False, True, "only targets qemu: need it"),
    ],
)
def test_qemu_is_judged_by_its_version_and_its_need(
    says: str | None, wanted: bool, ok: bool, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_qemu(tmp_path, monkeypatch, says)
    finding = doctor_rig.qemu(wanted)
    assert finding.ok == ok
    assert what in finding.what
    assert ("apt install qemu-system-arm" in finding.cure) == (not ok)


@pytest.mark.parametrize(
    ("runs", "rule", "ports", "ok", "what"),
    [
        (False, False, [PORT], True, "does not run"),
        (True, True, [PORT], True, "leaves our boards alone"),
        (True, False, [PORT], False, "talks to each board"),
        (True, False, [], True, "talks to each board"),
    ],
)
def test_modem_manager_is_a_fault_when_no_rule_keeps_it_from_a_board(
    runs: bool, rule: bool, ports: list[Port], ok: bool, what: str, tmp_path: Path
) -> None:
    (tmp_path / "17").mkdir()
    (tmp_path / "17" / "comm").write_text("ModemManager\n" if runs else "bash\n")
    if rule:
        (tmp_path / doctor_rig.RULE.name).write_text("")
    finding = doctor_rig.modem_manager(ports, (tmp_path,), tmp_path)
    assert (finding.ok, what in finding.what) == (ok, True)
    assert ("sudo cp " in finding.cure) == (not ok)


@pytest.mark.parametrize(("timer", "ok"), [("16", False), ("1", True)])
def test_latency_timer_is_a_fault_when_it_holds_replies_back(timer: str, ok: bool, tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").mkdir()
    (tmp_path / "ttyUSB0" / "latency_timer").write_text(f"{timer}\n")
    other = PORT._replace(device="/dev/ttyACM0")
    (finding,) = doctor_rig.latency_timers([other, PORT], tmp_path)
    assert (finding.ok, f"for {timer} ms" in finding.what) == (ok, True)


def test_rule_file_lies_where_the_cure_says() -> None:
    text = doctor_rig.RULE.read_text()
    assert text.count('ID_MM_DEVICE_IGNORE}="1"') >= 6
    assert 'ATTR{latency_timer}="1"' in text


def test_port_that_somebody_holds_is_named_with_its_holder() -> None:
    require("pty")
    with PtyLink() as device, SerialLink(device.slave_path):
        finding = doctor_rig.port_of(device.slave_path, None)
        assert not finding.ok
        assert "held by this very process" in finding.what
        assert finding.cure == f"kill {os.getpid()}"
        (seen,) = doctor_rig.held_ports([PORT._replace(device=device.slave_path)])
        assert seen.ok


def test_port_that_is_there_and_free_is_well(tmp_path: Path) -> None:
    (tmp_path / "ttyACM0").write_text("")
    assert doctor_rig.port_of(str(tmp_path / "ttyACM0"), None).ok
    assert doctor_rig.port_of("socket://127.0.0.1:7", None).ok


def test_board_that_was_renumbered_is_named_by_its_serial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_rig, "ports", lambda: [PORT._replace(device="/dev/ttyACM1", usb_serial="066BFF")])
    finding = doctor_rig.port_of(str(tmp_path / "ttyACM0"), NamedTarget(place="pumpbench.toml", url="x"))
    assert "plugged in last is /dev/ttyACM1, serial 066BFF" in finding.what
    assert finding.cure == 'name the board, not its number: in pumpbench.toml serial = "066BFF"'
    monkeypatch.setattr(doctor_rig, "ports", list)
    assert doctor_rig.port_of(str(tmp_path / "ttyACM0"), None).cure == "plug the board in"


def test_board_is_told_to_have_moved_when_its_table_still_names_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_rig, "device_of", lambda url: str(tmp_path / "ttyACM1"))
    named = NamedTarget(place="pumpbench.toml", url=str(tmp_path / "ttyACM0"), serial="066BFF")
    finding = doctor_rig.port_of("usb-serial:066BFF", named)
    assert not finding.ok
    assert "its serial decides" in finding.what


def test_board_that_is_not_plugged_in_is_missed() -> None:
    finding = doctor_rig.port_of("usb-serial:NONE", NamedTarget(serial="NONE"))
    assert "no board with USB serial NONE is plugged in" in finding.what


def test_image_is_missing_then_fresh_then_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("make")
    sources, build = tmp_path / "board", tmp_path / "build"
    sources.mkdir()
    (sources / "source").write_text("x")
    product = "$(BUILD)/firmware/mine.elf"
    (sources / "Makefile").write_text(f"firmware-mine: {product}\n{product}: source\n\ttouch $@\n")
    monkeypatch.setattr(doctor_rig, "SOURCES", sources)
    monkeypatch.setattr(doctor_rig, "build_folder", lambda: build)
    assert "no image" in doctor_rig.image_of("mine", None).what
    (build / "firmware").mkdir(parents=True)
    image = build / "firmware" / "mine.elf"
    image.write_text("")
    assert doctor_rig.image_of("mine", None).ok
    made_s = image.stat().st_mtime
    os.utime(sources / "source", (made_s + 5, made_s + 5))
    finding = doctor_rig.image_of("mine", None)
    assert "stale" in finding.what
    assert finding.cure.startswith(f"make -C {sources} firmware-mine")
    other = tmp_path / "other.elf"
    other.write_text("")
    assert "not one built here" in doctor_rig.image_of("mine", NamedTarget(image=str(other))).what


def test_doctor_ends_with_4_when_a_named_board_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pumpbench.toml").write_text("[target.bench1]\nserial = 'NONE'\n")
    done = pumpbench("doctor", "bench1", cwd=tmp_path)
    assert done.returncode == 4
    assert "NO  usb-serial:NONE: no board with USB serial NONE" in done.stdout
    assert pumpbench("doctor", "nonsense", cwd=tmp_path).returncode == 2


def test_settings_that_cannot_be_read_are_a_finding_where_no_target_is_named(tmp_path: Path) -> None:
    (tmp_path / "pumpbench.toml").write_text("[target.bench1\n")
    done = pumpbench("doctor", cwd=tmp_path)
    assert done.returncode == 4
    assert "NO  pumpbench.toml: not TOML" in done.stdout
    assert "mend: correct that file, or move it away" in done.stdout
