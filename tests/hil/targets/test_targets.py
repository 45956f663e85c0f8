"""Targets: their names, what they open, and that what they started ends with them."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer, TargetUnknown
from pumpbench.hil.firmware import SOURCES, BuildFailed, FirmwareMissing, built
from pumpbench.hil.links import LinkLost, PortMissing, PtyLink
from pumpbench.hil.targets import check_name, open_target
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.protocol.codes import Level, StopReason
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Abort, Done, Identify, RunTo
from tests.hil.planted import hanging_firmware
from tests.hil.pumps import START
from tests.support import require, wait_until


@pytest.mark.parametrize("name", ["emulator", "native", "serial:/dev/ttyACM0", "serial:socket://127.0.0.1:7000", "qemu:microbit"])
def test_target_name_is_taken_when_it_can_be_one(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("qemu:mps2-an358", "no such emulated board; did you mean qemu:mps2-an385?"),
        ("qemu:", "no such emulated board; expected one of qemu:netduinoplus2, qemu:mps2-an385"),
        ("usb:1209", "expected usb:<vid>:<pid>[:<serial>]"),
        ("capture:x.pcapng", "no such file; write capture:out/latest"),
        ("serial:", "no port named"),
        ("emulater", "did you mean emulator?"),
        ("build/pump", "write serial:build/pump"),
        ("bench1", "choose one of"),
    ],
)
def test_target_name_is_refused_with_what_to_choose(name: str, told: str) -> None:
    with pytest.raises(TargetUnknown) as caught:
        open_target(name)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pty", [False, True])
def test_emulator_answers_as_itself_over_memory_and_pty(pty: bool) -> None:
    if pty:
        require("pty")
    with open_target("emulator", pty=pty) as target:
        bench = Bench(Conversation(target.link))
        assert bench.identify().level == Level.L3
        bench.arm()
        bench.reset_to_start(START)
        assert bench.run_to(1_000).reached_tick == 1_000
        assert bench.read_link().bad_frame_count == 0
        assert not target.independent


@pytest.mark.parametrize(("name", "pty"), [("emulator", False), ("emulator", True), ("native", False)])
def test_abort_ends_a_credit_that_would_outlast_everybody(name: str, pty: bool) -> None:
    if name == "native":
        require("cc")
    if pty:
        require("pty")
    with open_target(name, pty=pty) as target:
        talk = Conversation(target.link)
        bench = Bench(talk)
        bench.arm()
        bench.reset_to_start(START)
        credit = talk.bench.request(RunTo(target_tick=2**64 - 1, stop_mask=0), True)
        target.link.write(credit.wire)
        talk.collect(0.01)
        bench.abort()
        report = talk.await_reply(credit, "RunTo", True).message
        assert report.reason == StopReason.ABORT
        assert bench.run_to(report.reached_tick + 5).reached_tick == report.reached_tick + 5


@pytest.mark.parametrize("name", ["emulator", "native"])
def test_abort_behind_a_credit_ends_it_where_it_began_and_is_answered_after_its_report(name: str) -> None:
    if name == "native":
        require("cc")
    with open_target(name) as target:
        talk = Conversation(target.link)
        bench = Bench(talk)
        bench.arm()
        bench.reset_to_start(START)
        credit, abort = (talk.bench.request(asked, True) for asked in (RunTo(target_tick=2**40, stop_mask=0), Abort()))
        status = talk.therapy.request(Identify())
        target.link.write(status.wire + credit.wire + abort.wire)
        report = talk.await_reply(credit, "RunTo", True)
        done = talk.await_reply(abort, "Abort", True)
        assert (report.message.reason, done.message) == (StopReason.ABORT, Done(done_type=layout_of(Abort).number))
        assert report.head[3] + 1 == done.head[3]
        assert bench.run_to(report.message.reached_tick).reason == StopReason.TARGET


def test_serial_target_is_refused_when_the_port_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PortMissing, match="no such port"):
        open_target(f"serial:{tmp_path}/none")


def test_native_answers_as_another_implementation() -> None:
    require("cc")
    with open_target("native") as target:
        bench = Bench(Conversation(target.link))
        known = bench.identify()
        assert known.level == Level.L3
        assert known.ticks_per_second > 0
        assert target.independent


def test_native_process_ends_when_its_target_is_closed() -> None:
    require("cc")
    target = NativeTarget()
    pid = target.pid
    target.close()
    assert not alive(pid)


def test_native_process_ends_when_its_starter_is_killed() -> None:
    require("cc")
    built("pumpbench-native")
    code = "from pumpbench.hil.targets.native import NativeTarget as T; t = T(); print(t.pid, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert alive(pid)
        starter.send_signal(signal.SIGKILL)
        wait_until(lambda: not alive(pid), "the firmware to end with its starter")


def test_firmware_is_missed_by_name_when_there_is_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pumpbench.hil.firmware.build_folder", lambda: tmp_path)
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(FirmwareMissing, match=r"no no-such-compiler here.*apt install gcc"):
        built("pumpbench-native")


def test_compiler_error_is_told_by_its_own_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require("cc")
    require("make")
    sources = tmp_path / "board"
    shutil.copytree(SOURCES, sources)
    (sources / "pump" / "delivery.c").write_text("int planted(void);\nint planted(void)\n{\n    return nowhere;\n}\n")
    monkeypatch.setattr("pumpbench.hil.firmware.SOURCES", sources)
    monkeypatch.setattr("pumpbench.hil.firmware.build_folder", lambda: tmp_path / "build")
    with pytest.raises(BuildFailed, match=r"does not build \(pump/delivery\.c:4:\d+: error: .*nowhere"):
        built("pumpbench-native")


@pytest.mark.parametrize(("sent", "told"), [(signal.SIGSEGV, "the firmware ended itself by SIGSEGV"), (signal.SIGKILL, "")])
def test_native_tells_its_own_crash_from_an_end_by_others(sent: signal.Signals, told: str) -> None:
    require("cc")
    with NativeTarget() as target:
        assert target.crashed() == ""
        os.kill(target.pid, sent)
        with pytest.raises(LinkLost):
            Bench(Conversation(target.link)).identify()
        assert target.crashed() == told


@pytest.mark.parametrize(("spins", "doing"), [(True, "computing"), (False, "waiting")])
def test_native_that_hangs_is_told_from_a_bad_cable(spins: bool, doing: str, tmp_path: Path) -> None:
    require("pty")
    with NativeTarget(hanging_firmware(tmp_path, spins)) as target:
        talk = Conversation(target.link, timeout_s=0.1)
        bench = Bench(talk)
        bench.arm()
        with pytest.raises(NoAnswer) as caught:
            bench.run_to(10)
        told = str(target.explained(caught.value))
        assert f"the firmware does not answer, its process {target.pid} is alive ({doing}): no reply to RunTo in 0.3 s" in told
        assert "baud" not in told
        os.kill(target.pid, signal.SIGSTOP)
        wait_until(lambda: "stopped from outside" in target.alive(), "the firmware to be stopped")
        os.kill(target.pid, signal.SIGKILL)
        wait_until(lambda: not target.alive(), "the firmware to be gone")
        assert target.explained(caught.value) is caught.value


def test_port_that_stays_silent_is_still_told_with_cable_and_baud_rate(tmp_path: Path) -> None:
    require("pty")
    with PtyLink() as silent, open_target(f"serial:{silent.slave_path}") as target:
        with pytest.raises(NoAnswer, match="baud rate") as caught:
            Bench(Conversation(target.link, timeout_s=0.05)).identify()
        assert target.explained(caught.value) is caught.value


def alive(pid: int) -> bool:
    """A zombie counts as ended."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
