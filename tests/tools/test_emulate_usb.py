"""`emulate` as a USB device elsewhere: the line to type, the ready file, and a pump that answers whoever attaches it."""

import itertools
import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import RigBroken, TargetUnknown
from pumpbench.hil.links import LinkLost, PortMissing, ReconnectingLink, UrlInvalid
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.targets import Access, open_target
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.protocol.codes import Level
from pumpbench.tools import settings
from pumpbench.tools.diffing import diff_files
from pumpbench.tools.failure import Failed
from pumpbench.tools.replaying import Flags, replay_file
from pumpbench.tools.verbs.emulate import command
from tests.hil.usb.plugged import ANY
from tests.hil.usb.redir_guest import Guest
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


@pytest.mark.parametrize(
    ("behind", "only"),
    [
        ("native", "session.*"),
        pytest.param("qemu:mps2-an385", "session.*"),
        pytest.param("qemu:mps2-an385", "*", marks=pytest.mark.soak),
    ],
)
def test_firmware_behind_a_device_elsewhere_conforms(behind: str, only: str, emulate: Start, tmp_path: Path) -> None:
    for capability in ("arm", "qemu") if behind.startswith("qemu") else ("cc",):
        require(capability)
    target = f"usb:1209:0001@{first_line(emulate('--usbip', '0', '--from', behind))}"
    done = pumpbench("check", "--target", target, "--only", only, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert target in done.stderr


def test_run_over_usbip_says_in_its_verdict_that_no_kernel_took_part(emulate: Start, tmp_path: Path) -> None:
    require("cc")
    target = f"usb:1209:0001@{first_line(emulate('--usbip', '0', '--from', 'native'))}"
    done = pumpbench("run", "--target", target, "--until", "2h", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PASS  two implementations agree" in done.stderr
    assert "attached by USB/IP in this process, as was asked: no kernel and no driver of this machine took part" in done.stderr


def test_server_that_ends_is_a_lost_link_by_name(tmp_path: Path) -> None:
    process = started(["emulate", "--usbip", "0"], tmp_path)
    target = f"usb:1209:0001@{first_line(process)}"
    with open_target(target, access=Access(reconnect=False)) as opened:
        bench = Bench(Conversation(opened.link))
        bench.identify()
        process.terminate()
        process.communicate()
        with pytest.raises(LinkLost, match="it was unplugged; check cable") as caught:
            bench.identify()
    assert str(caught.value).startswith(f"{target}: ")


def test_link_comes_back_where_a_server_is_started_again(tmp_path: Path) -> None:
    process = started(["emulate", "--usbip", "0"], tmp_path)
    url = first_line(process)
    with open_target(f"usb:1209:0001@{url}") as opened:
        bench = Bench(Conversation(opened.link))
        bench.identify()
        process.terminate()
        process.communicate()
        process = started(["emulate", "--usbip", url.removeprefix("usbip://").removesuffix("/1-1")], tmp_path)
        assert bench.identify().level == Level.L3
        assert isinstance(opened.link, ReconnectingLink)
        assert opened.link.reconnected_count == 1
    process.terminate()
    process.communicate()


@pytest.mark.parametrize(("verb", "request_index"), [("replay", 80), ("diff", 8)])
def test_recording_played_to_a_pump_that_comes_back_as_new_tells_of_a_broken_bench(
    verb: str, request_index: int, emulate: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pumpbench("run", "--target", "emulator", "--until", "2d", "--json", cwd=tmp_path).returncode == 3
    process = emulate("--usbip", "0")
    url = first_line(process)
    write, count = UsbLink.write, itertools.count()

    def pulled(link: UsbLink, data: bytes) -> None:
        if next(count) == request_index:
            process.terminate()
            process.wait()
            first_line(emulate("--usbip", url.removeprefix("usbip://").removesuffix("/1-1")))
        write(link, data)

    monkeypatch.setattr(UsbLink, "write", pulled)
    recording, target = tmp_path / "out" / "latest", f"usb:1209:0001@{url}"
    plays: dict[str, Callable[[], int]] = {
        "replay": lambda: replay_file(Flags(recording, target), settings.load()),
        "diff": lambda: diff_files(recording, target, False, None, settings.load()),
    }
    with pytest.raises(RigBroken, match="it went away .* and came back, so it may have started anew"):
        plays[verb]()


def test_server_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    done = pumpbench("doctor", "usb:1209:0001@usbip://127.0.0.1:1", cwd=tmp_path)
    assert done.returncode == 4
    assert "NO  usbip://127.0.0.1:1/1-1: nobody answers" in done.stdout
    with pytest.raises(PortMissing, match="nobody answers .* start `pumpbench emulate --usbip` there"):
        open_target("usb:1209:0001@usbip://127.0.0.1:1")


def test_doctor_tells_a_server_whose_device_is_free(emulate: Start, tmp_path: Path) -> None:
    url = first_line(emulate("--usbip", "0"))
    assert f"ok  {url} answers, and its device is free" in pumpbench("doctor", f"usb:1209:0001@{url}", cwd=tmp_path).stdout
    other = pumpbench("doctor", f"usb:1209:0001:B7@{url}", cwd=tmp_path)
    assert other.returncode == 4
    assert f"NO  usb:1209:0001:B7@{url}: no such device; plug it in; seen: EMULATOR" in other.stdout
    with open_target(f"usb:1209:0001@{url}"):
        assert "mend: detach it there, or end what has it" in pumpbench("doctor", f"usb:1209:0001@{url}", cwd=tmp_path).stdout


def test_ready_file_that_cannot_be_written_ends_it_with_nothing_left_behind(tmp_path: Path) -> None:
    for place in ("folder", "missing/ready"):
        (tmp_path / "folder").mkdir(exist_ok=True)
        done = pumpbench("emulate", "--usbip", "0", "--ready-file", place, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"--ready-file {place}: " in done.stderr
        assert done.stderr.endswith("name a file in a folder that you may write\n")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_device_is_served_to_guests_where_they_look_for_it(emulate: Start, tmp_path: Path) -> None:
    url = first_line(emulate("--usbredir", f"unix:{tmp_path}/redir.sock", "--ready-file", "ready"))
    assert url == f"usbredir:unix:{tmp_path}/redir.sock"
    wait_until((tmp_path / "ready").exists, "the ready file")
    guest = Guest(tmp_path / "redir.sock")
    bus = Bus()
    bus.plug(guest.wait_for_device())
    with UsbLink(ANY._replace(serial="EMULATOR"), InProcessBackend(bus)) as link:
        assert Bench(Conversation(link)).identify().level == Level.L3
    guest.close()


def test_line_for_qemu_is_told_where_we_listen(tmp_path: Path) -> None:
    process = started(["emulate", "--usbredir", "unix:redir.sock"], tmp_path)
    assert first_line(process) == "usbredir:unix:redir.sock"
    process.terminate()
    said = process.communicate()[1]
    assert "give QEMU: -device qemu-xhci,id=x -chardev socket,id=pump,path=redir.sock -device usb-redir,chardev=pump" in said
    assert not (tmp_path / "redir.sock").exists()


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


@pytest.mark.parametrize("way", ["--usbip", "--usbredir"])
def test_address_that_others_reach_is_served_with_a_warning(way: str, tmp_path: Path) -> None:
    process = started(["emulate", way, "0.0.0.0:0"], tmp_path)
    first_line(process)
    process.terminate()
    assert "is open to other machines, and it knows no password" in process.communicate()[1]


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
        (("--usbip", "--usbredir", "unix:x"), "--usbip and --usbredir are different ways in; leave one out"),
        (("--usbredir", "x"), "write unix:PATH or HOST:PORT"),
        (("--from", "native"), "--from puts a pump behind USB: add --usbip or --usbredir"),
        (("--usbredir", "unix:"), "no path to listen at; write unix:PATH"),
        (("--usbip", "127.0.0.1:port"), "expected HOST:PORT, such as 127.0.0.1:3240"),
        (("--usbip", "::1"), "expected HOST:PORT, such as 127.0.0.1:3240 or [::1]:3240"),
        (("--usbip", "0", "--from", "native", "--speed", "3"), "native keeps its own time; leave --speed out"),
        (("--usbip", "127.0.0.1:70000"), "expected HOST:PORT"),
        (("--usbip", "0", "--from", "usb:1209:0001"), "cannot stand behind USB; choose emulator"),
        (("--usbip", "0", "--from", "natve"), "did you mean native"),
    ],
)
def test_flags_that_cannot_be_are_one_line_with_what_to_do(words: tuple[str, ...], told: str) -> None:
    with pytest.raises((click.UsageError, Failed, TargetUnknown, UrlInvalid)) as caught:
        command.main(list(words), standalone_mode=False)
    said = str(caught.value)
    assert told in said
    assert "\n" not in said
