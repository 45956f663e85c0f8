"""`emulate` as programmer software meets it: a URL on the first line, a ready file, a pump behind pyserial."""

import json
import select
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import SerialLink
from pumpbench.hil.programmer import Programmer
from pumpbench.protocol.codes import Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, host_frame
from pumpbench.protocol.messages import Identified, Identify, Opened, ReadStatus, Status, Subscribe, Telemetry
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


@pytest.mark.parametrize("words", [(), ("--tcp", "0"), ("--link", "pump"), ("--link", "sub/pump")])
def test_first_line_is_the_url_that_pyserial_opens(words: tuple[str, ...], emulate: Start, tmp_path: Path) -> None:
    require("pty")
    (tmp_path / "sub").mkdir()
    url = first_line(emulate(*words))
    if "--link" in words:
        assert url == words[1]
        url = str(tmp_path / url)
    with serial.serial_for_url(url, timeout=0.1) as port:
        port.write(host_frame(Identify(), 0, 1))
        decoder, heard = Decoder(from_device=True), list[Frame]()

        def answered() -> bool:
            heard.extend(event for event in decoder.feed(port.read(256)) if isinstance(event, Frame))
            return bool(heard)

        wait_until(answered, "an answer to Identify")
    assert isinstance(heard[0].message, Identified)


def test_nothing_but_the_url_is_printed_to_stdout(tmp_path: Path) -> None:
    require("pty")
    process = started(["emulate"], tmp_path)
    url = first_line(process)
    process.terminate()
    rest, said = process.communicate()
    assert (rest, process.returncode) == ("", 130)
    assert f"on {url}" in said


def test_ready_file_holds_the_url_while_the_pump_is_served(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = started(["emulate", "--tcp", "0", "--ready-file", "ready"], tmp_path)
    wait_until(ready.exists, "the ready file")
    assert ready.read_text() == first_line(process) + "\n"
    SerialLink(ready.read_text().strip()).close()
    process.terminate()
    process.communicate()
    assert not ready.exists()


@pytest.mark.parametrize(("speed", "said"), [("60", "60 times real speed"), ("real", "real speed"), ("max", "max speed")])
def test_speed_is_said_in_words(speed: str, said: str, emulate: Start) -> None:
    require("pty")
    process = emulate("--speed", speed)
    first_line(process)
    process.terminate()
    assert f"serving a pump at {said} on " in process.communicate()[1]


def test_served_pump_keeps_its_state_from_one_host_to_the_next(emulate: Start) -> None:
    require("pty")
    url = first_line(emulate("--speed", "1000"))
    ticks = []
    for _ in range(2):
        with SerialLink(url) as link:
            programmer = Programmer(Conversation(link), serial=1)
            assert isinstance(programmer.open(Role.CLINICIAN), Opened)
            status = programmer.request(ReadStatus())
            assert isinstance(status, Status)
            ticks.append(status.life_ticks)
            programmer.close()
    assert ticks[0] <= ticks[1]


def test_served_pump_sends_telemetry_by_itself(emulate: Start) -> None:
    require("pty")
    with SerialLink(first_line(emulate("--speed", "100"))) as link:
        conversation = Conversation(link)
        programmer = Programmer(conversation, serial=1)
        programmer.open(Role.CLINICIAN)
        programmer.request(Subscribe(period_ticks=100))

        def heard() -> bool:
            conversation.collect(0.1)
            return any(isinstance(frame.message, Telemetry) for frame in conversation.unasked)

        wait_until(heard, "telemetry")


def test_link_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    require("pty")
    (tmp_path / "taken").write_text("mine")
    done = pumpbench("emulate", "--link", "taken", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert "choose another name" in done.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_send_asks_a_served_pump(emulate: Start, tmp_path: Path) -> None:
    require("pty")
    url = first_line(emulate())
    done = pumpbench("send", f"serial:{url}", "ReadStatus", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "therapy_state" in done.stdout


def test_served_pump_is_no_second_implementation_when_run_or_replay_meets_it(emulate: Start, tmp_path: Path) -> None:
    require("pty")
    first_line(emulate("--link", "pump"))
    words = ("--target", "serial:pump", "--until", "2h", "--capture", "itself.pcapng", "--json")
    run = pumpbench("run", *words, cwd=tmp_path)
    assert (run.returncode, "compared with itself" in run.stderr) == (3, True), run.stderr
    assert not json.loads(run.stdout)["results"][0]["independent"]
    for target in ("serial:pump", "emulator"):
        replayed = pumpbench("replay", "itself.pcapng", "--against", target, cwd=tmp_path)
        assert (replayed.returncode, "compares it with itself" in replayed.stderr) == (3, True), replayed.stderr
