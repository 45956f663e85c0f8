"""`emulate` as a USB device elsewhere: the line to type, the ready file, and a pump that answers whoever attaches it."""

import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.protocol.codes import Level
from tests.hil.usb.plugged import ANY
from tests.support import require, wait_until
from tests.tools.command import pumpbench, started

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def emulate(tmp_path: Path) -> Iterator[Start]:
    running = []

    def start(*words: str) -> subprocess.Popen[str]:
        running.append(started(["emulate", *words], tmp_path))
        return running[-1]

    yield start
    for process in running:
        process.terminate()
        process.communicate()
        assert process.returncode == 130


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0], "no first line"
    return process.stdout.readline().rstrip("\n")


def imported(url: str) -> Bus:
    """What `usbip attach` does, without a kernel."""
    where, _, busid = url.removeprefix("usbip://").rpartition("/")
    host, _, port = where.rpartition(":")
    bus = Bus()
    bus.plug(UsbipDevice(host, int(port), busid))
    assert bus.refused == []
    return bus


def unplug_all(bus: Bus) -> None:
    for one in bus.attached:
        bus.unplug(one.device)


@pytest.mark.parametrize("behind", ["emulator", "native"])
def test_pump_answers_whoever_attaches_its_device(behind: str, emulate: Start) -> None:
    if behind == "native":
        require("cc")
    url = first_line(emulate("--usbip", "0", "--from", behind))
    bus = imported(url)
    with UsbLink(ANY._replace(serial=behind.upper()), InProcessBackend(bus)) as link:
        assert Bench(Conversation(link)).identify().level == Level.L3
    unplug_all(bus)


def test_first_line_names_the_device_and_stderr_the_line_to_type(tmp_path: Path) -> None:
    process = started(["emulate", "--usbip", "127.0.0.1:0", "--ready-file", "ready"], tmp_path)
    url = first_line(process)
    wait_until((tmp_path / "ready").exists, "the ready file")
    assert (tmp_path / "ready").read_text() == url + "\n"
    port = url.removeprefix("usbip://127.0.0.1:").removesuffix("/1-1")
    process.terminate()
    rest, said = process.communicate()
    assert (rest, process.returncode) == ("", 130)
    assert f"usbip --tcp-port {port} attach -r 127.0.0.1 -b 1-1;" in said
    assert "open to other machines" not in said
    assert not (tmp_path / "ready").exists()


def test_address_that_others_reach_is_served_with_a_warning(tmp_path: Path) -> None:
    process = started(["emulate", "--usbip", "0.0.0.0:0"], tmp_path)
    first_line(process)
    process.terminate()
    assert "open to other machines, and USB/IP knows no password" in process.communicate()[1]


def test_pump_that_ends_behind_its_device_ends_the_command_as_a_broken_bench(tmp_path: Path) -> None:
    require("cc")
    process = started(["emulate", "--usbip", "0", "--from", "native"], tmp_path)
    first_line(process)
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGSEGV)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 4
    assert "native: the pump behind the USB device is gone (the firmware ended itself by SIGSEGV)" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--usbip", "--tcp", "0"), "--tcp and --usbip are different ways in; leave one out"),
        (("--from", "native"), "--from puts a pump behind USB: add --usbip"),
        (("--usbip", "127.0.0.1:port"), "expected HOST:PORT, such as 127.0.0.1:3240"),
        (("--usbip", "127.0.0.1:70000"), "expected HOST:PORT"),
        (("--usbip", "0", "--from", "usb:1209:0001"), "cannot stand behind USB; choose emulator"),
        (("--usbip", "0", "--from", "natve"), "did you mean native"),
    ],
)
def test_flags_that_cannot_be_are_one_line_with_what_to_do(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = pumpbench("emulate", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
