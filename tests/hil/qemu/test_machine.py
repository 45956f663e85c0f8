"""An emulated board under control: halted, reset, broken and mended from outside, and what it may not do is named."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer
from pumpbench.hil.firmware import board_image
from pumpbench.hil.links import LinkLost
from pumpbench.hil.qemu import machine
from pumpbench.hil.qemu.boards import BOARDS
from pumpbench.hil.qemu.errors import NotModelled, QemuEnded, QemuMissing, QemuRefused, QemuSilent
from pumpbench.hil.qemu.machine import Machine
from pumpbench.hil.qemu.symbols import address_of
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.messages import Identify
from tests.hil.pumps import START
from tests.hil.qemu.boards import NAMES, SAVED, armed, board
from tests.support import wait_until

SERIAL = START.serial.to_bytes(4, "little")
DEVICE_BYTES = 12_000
UNDEFINED_INSTRUCTION = bytes.fromhex("00de")
PC = 15
HARD_FAULT_VECTOR = 12
UART_CONTROL = BOARDS["mps2-an385"].uart_address + 8
UNSAVED = tuple(name for name in NAMES if name not in SAVED)

every_board = pytest.mark.parametrize("name", NAMES)


def serial_address(target: QemuTarget) -> int:
    """Where the pump's serial number lies in its RAM."""
    start = address_of(board_image(target.machine.board.family), "device")
    with target.machine.debugger() as debugger:
        at = debugger.read(start, DEVICE_BYTES).index(SERIAL)
    return start + at


@every_board
def test_board_is_unarmed_again_when_it_was_reset(name: str) -> None:
    with board(name) as target:
        armed(target.link)
        target.machine.reset()
        assert Bench(Conversation(target.link, timeout_s=20)).identify().armed == 0


def test_halted_board_answers_only_once_it_runs_on() -> None:
    with board("mps2-an385") as target:
        bench = armed(target.link)
        target.machine.pause()
        assert not target.machine.is_running()
        impatient = Bench(Conversation(target.link, timeout_s=0.05, retries=1))
        with pytest.raises(NoAnswer, match="qemu:mps2-an385: no reply to Identify") as caught:
            impatient.identify()
        assert "does not answer, QEMU is alive" in str(target.explained(caught.value))
        assert "its CPU is halted" in target.alive()
        target.machine.resume()
        assert bench.run_to(1_000).reached_tick == 1_000


@every_board
def test_bit_flipped_in_ram_is_what_the_board_goes_on_with(name: str) -> None:
    with board(name) as target:
        bench = armed(target.link)
        address = serial_address(target)
        assert bench.identify().serial == START.serial
        assert target.machine.qtest.flip(address, 3) == START.serial ^ 8
        assert bench.identify().serial == START.serial ^ 8
        with target.machine.debugger() as debugger:
            debugger.write(address, SERIAL)
        assert bench.identify().serial == START.serial


def test_debugger_leaves_a_board_as_it_found_it() -> None:
    with board("mps2-an385") as target:
        bench = armed(target.link)
        with target.machine.debugger() as debugger:
            assert not target.machine.is_running()
            debugger.set_register(0, debugger.register(0))
        assert target.machine.is_running()
        target.machine.pause()
        with target.machine.debugger() as debugger:
            assert debugger.read(0, 4) != b""
        assert not target.machine.is_running()
        target.machine.resume()
        assert bench.run_to(50).reached_tick == 50


def test_debugger_halts_where_the_firmware_begins_a_function() -> None:
    with board("mps2-an385") as target:
        bench = armed(target.link)
        address = address_of(board_image("mps2"), "pb_identify") & ~1
        with target.machine.debugger() as debugger:
            target.link.write(b"\0")
            bench.conversation.link.write(bench.conversation.bench.request(Identify(), True).wire)
            debugger.run_to(address)
            assert debugger.register(PC) == address
            assert debugger.step() > address
        bench.conversation.collect(20)
        assert bench.run_to(50).reached_tick == 50


def test_debugger_gives_up_by_name_where_the_firmware_never_comes() -> None:
    with board("mps2-an385") as target:
        bench = armed(target.link)
        address = address_of(board_image("mps2"), "pb_commit_program") & ~1
        with target.machine.debugger() as debugger:
            debugger.timeout_s = 0.1
            with pytest.raises(QemuSilent, match="does the firmware come there"):
                debugger.run_to(address)
        assert bench.run_to(50).reached_tick == 50


def test_board_with_its_uart_switched_off_is_deaf_until_it_is_reset() -> None:
    with board("mps2-an385") as target:
        armed(target.link)
        target.machine.qtest.write(UART_CONTROL, 0)
        with pytest.raises(NoAnswer):
            Bench(Conversation(target.link, timeout_s=0.05, retries=1)).identify()
        assert "its CPU runs" in target.alive()
        target.machine.reset()
        assert Bench(Conversation(target.link, timeout_s=20)).identify().armed == 0


@pytest.mark.parametrize("name", SAVED)
def test_board_put_back_does_the_same_again(name: str) -> None:
    with board(name) as target:
        bench = armed(target.link)
        bench.run_to(1_000)
        target.machine.save()
        once = bench.run_to(9_000)
        target.machine.load()
        assert bench.run_to(1_000).reached_tick == 1_000
        target.machine.save()
        assert bench.run_to(9_000) == once
        target.machine.load()
        assert bench.run_to(9_000) == once


@pytest.mark.parametrize("name", UNSAVED)
def test_board_that_cannot_be_saved_is_refused_by_name(name: str) -> None:
    with board(name) as target:
        with pytest.raises(NotModelled, match=f"qemu:{name}: cannot be saved: .*choose one of mps2-an385, microbit"):
            target.machine.save()
        assert armed(target.link).run_to(50).reached_tick == 50


def test_load_is_refused_in_qemus_words_when_nothing_was_saved() -> None:
    with board("microbit") as target, pytest.raises(QemuRefused, match="save before you load"):
        target.machine.load()


def test_killed_qemu_is_named_on_the_line_and_on_every_channel() -> None:
    with board("netduinoplus2") as target:
        bench = armed(target.link)
        os.kill(target.machine.pid, signal.SIGKILL)
        with pytest.raises(LinkLost, match="qemu:netduinoplus2: QEMU ended by SIGKILL; start it anew"):
            bench.run_to(1_000_000)
        with pytest.raises(QemuEnded):
            target.machine.reset()
        with pytest.raises(QemuEnded):
            target.machine.qtest.read(0x2000_0000)


def test_firmware_that_locks_its_cpu_up_is_told_from_a_qemu_that_was_killed() -> None:
    with board("microbit") as target:
        bench = armed(target.link, timeout_s=2)
        with pytest.raises((LinkLost, QemuEnded), match="QEMU"):  # noqa: PT012
            with target.machine.debugger() as debugger:
                debugger.write(HARD_FAULT_VECTOR, bytes(4))
                debugger.write(debugger.register(PC), UNDEFINED_INSTRUCTION)
            bench.run_to(1_000)
        assert "the firmware locked its CPU up (qemu: fatal: Lockup" in target.crashed()
    with board("microbit") as target:
        os.kill(target.machine.pid, signal.SIGKILL)
        assert target.crashed() == ""


def test_stopped_qemu_is_named_on_every_channel_in_bounded_time() -> None:
    with board("mps2-an385") as target:
        os.kill(target.machine.pid, signal.SIGSTOP)
        target.machine.qmp.timeout_s = target.machine.qtest.timeout_s = 0.05
        with pytest.raises(QemuSilent, match="did not answer query-status"):
            target.machine.is_running()
        with pytest.raises(QemuSilent, match="did not answer 'readl"):
            target.machine.qtest.read(0x2000_0000)
        with pytest.raises(NoAnswer):
            Bench(Conversation(target.link, timeout_s=0.05, retries=0)).identify()
        assert "stopped from outside" in target.alive()
        pid = target.machine.pid
    assert not Path(f"/proc/{pid}").exists()


def test_image_that_is_not_there_is_said_in_qemus_words(tmp_path: Path) -> None:
    with board("mps2-an385"), pytest.raises(QemuEnded, match="ended with code 1 .*none.elf.*image is one for this board"):
        Machine(BOARDS["mps2-an385"], tmp_path / "none.elf")


def test_missing_qemu_is_missed_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "PROGRAM", "no-such-qemu")
    with pytest.raises(QemuMissing, match="no no-such-qemu here; apt install qemu-system-arm"):
        Machine(BOARDS["microbit"], tmp_path / "none.elf")


def test_qemu_ends_when_its_starter_is_killed() -> None:
    with board("microbit"):
        pass  # the image is built now
    code = "from pumpbench.hil.targets.qemu import QemuTarget as T; t = T('microbit'); print(t.machine.pid, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert alive(pid)
        starter.kill()
        wait_until(lambda: not alive(pid), "QEMU to end with its starter")


def alive(pid: int) -> bool:
    """A zombie counts as ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
