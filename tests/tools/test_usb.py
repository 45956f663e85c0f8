"""USB as the command line has it: what is served here says so everywhere, what is not there is told with its cure."""

from pathlib import Path

import pytest

from pumpbench.hil.links import PortDenied, PortMissing
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.tools import doctor_rig
from pumpbench.tools.settings import NamedTarget
from tests.hil.usb.plugged import Plugged
from tests.support import require
from tests.tools.command import pumpbench

SERVED = "in this process, as was asked: no kernel and no cable"


def test_run_over_usb_says_in_its_verdict_what_served_it(tmp_path: Path) -> None:
    require("cc")
    done = pumpbench("run", "--target", "usb:1209:0001@native", "--until", "2h", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PASS  two implementations agree" in done.stderr
    assert f"usb         served {SERVED} took part" in done.stderr
    assert "usb:1209:0001@native" in done.stderr
    (capture,) = tmp_path.glob("out/*usb_1209_0001_native*.pcapng")
    assert "no kernel" not in pumpbench("replay", str(capture), "--against", "emulator", cwd=tmp_path).stderr
    again = pumpbench("replay", str(capture), "--against", "usb:1209:0001@native", cwd=tmp_path)
    assert (again.returncode, SERVED in again.stderr) == (0, True), again.stderr
    differing = pumpbench("diff", str(capture), "usb:1209:0001@native", cwd=tmp_path)
    assert (differing.returncode, SERVED in differing.stderr) == (0, True), differing.stderr


def test_check_over_usb_says_in_its_verdict_what_served_it(tmp_path: Path) -> None:
    done = pumpbench("check", "--target", "usb:1209:0001@emulator", "--only", "identify.*", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert SERVED in " ".join(done.stderr.split())


def test_emulator_over_usb_is_compared_with_itself_and_says_so(tmp_path: Path) -> None:
    done = pumpbench("run", "--target", "usb:1209:0001@emulator", "--until", "2h", cwd=tmp_path)
    assert done.returncode == 3
    assert "the emulator was compared with itself" in done.stderr


def test_identify_over_usb_says_what_served_it(tmp_path: Path) -> None:
    done = pumpbench("send", "usb:1209:0001@emulator", "Identify", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Identified")
    assert f"usb:1209:0001@emulator is served {SERVED} take part" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("send", "usb:1209:0001:NO-SUCH-DEVICE", "Identify"), 4, "no such device; plug it in"),
        (("send", "usb:1209", "Identify"), 2, "expected usb:<vid>:<pid>[:<serial>]"),
        (("run", "--target", "usb:1209:0001@natve"), 2, "'natve' cannot be served"),
    ],
)
def test_usb_target_that_cannot_be_is_one_line_with_what_to_do(
    words: tuple[str, ...], code: int, told: str, tmp_path: Path
) -> None:
    require("libusb")
    done = pumpbench(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_tells_a_served_device_from_a_missing_one(tmp_path: Path) -> None:
    require("libusb")
    served = pumpbench("doctor", "usb:1209:0001@emulator", cwd=tmp_path).stdout
    assert f"ok  usb:1209:0001@emulator is served {SERVED} take part" in served
    missing = pumpbench("doctor", "usb:1209:0001:NO-SUCH-DEVICE", cwd=tmp_path)
    assert missing.returncode == 4
    assert "NO  usb:1209:0001:NO-SUCH-DEVICE: no such device" in missing.stdout


def test_doctor_looks_at_what_stands_behind_a_served_device() -> None:
    findings = doctor_rig.target_findings("usb:1209:0001@qemu:mps2-an385", None)
    assert "mps2.elf" in findings[1].what
    assert [one.what for one in findings[1:]] == [one.what for one in doctor_rig.target_findings("qemu:mps2-an385", None)]


@pytest.mark.parametrize(
    ("problem", "ok", "cure"),
    [
        (None, True, ""),
        (PortMissing("usb:1209:0001", "no such device", "plug it in"), False, "list shows what is plugged in"),
        (PortDenied("usb:1209:0001", "this user may not open it", "udev"), False, "sudo cp "),
    ],
)
def test_device_is_judged_by_opening_it(problem: Exception | None, ok: bool, cure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plugged = Plugged()

    def link(name: object) -> object:
        if problem is not None:
            raise problem
        return plugged.link()

    monkeypatch.setattr("pumpbench.hil.links.usb.UsbLink", link)
    finding = doctor_rig.usb_device("1209:0001")
    assert (finding.ok, cure in finding.cure) == (ok, True)
    assert plugged.device.end.session_count == (problem is None)
    assert not plugged.device.end.attached


@pytest.mark.parametrize(("there", "wanted", "ok"), [(True, True, True), (False, True, False), (False, False, True)])
def test_libusb_is_a_fault_when_a_real_device_needs_it(
    there: bool, wanted: bool, ok: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: object() if there else None)
    finding = doctor_rig.libusb(wanted)
    assert finding.ok == ok
    assert ("apt install libusb" in finding.cure) == (not ok)


def test_list_shows_a_pump_by_the_name_that_opens_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from pumpbench.tools.verbs.list import command

    plugged = Plugged()
    plugged.bus.plug(PumpDevice("P2"))
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: plugged.backend)
    command.main([], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines if line.startswith("usb:")] == [
        ["usb:1209:0001:P1", "1209:0001", "P1", "0-1"],
        ["usb:1209:0001:P2", "1209:0001", "P2", "0-2"],
    ]


@pytest.mark.parametrize(
    ("named", "target"),
    [
        (NamedTarget(url="usb:1209:0001", serial="B7"), "usb:1209:0001:B7"),
        (NamedTarget(url="usb:1209:0001@native"), "usb:1209:0001@native"),
        (NamedTarget(url="usb:1209:0001@native", serial="B7"), "usb:1209:0001:B7@native"),
    ],
)
def test_settings_file_names_a_device_by_its_number(named: NamedTarget, target: str) -> None:
    assert named.target == target
