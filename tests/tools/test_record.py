"""`record` as it is used in the field: programmers come to it by pty or TCP, and whatever ends it leaves a readable capture."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pumpbench.hil.capture import verify
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import SerialLink
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay import load
from pumpbench.hil.replay.replay import sureness_of
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import LogPage, Opened, ProgramRead, ReadLog, ReadProgram, ReadStatus, Status
from tests.support import require, wait_until
from tests.tools.command import pumpbench, started
from tests.tools.test_emulate import first_line

Start = Callable[..., subprocess.Popen[str]]
ANCHORS = (ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    require("pty")
    running = []

    def begin(*words: str) -> subprocess.Popen[str]:
        running.append(started(words, tmp_path))
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def talk(url: str, *asked: object) -> list[type]:
    """What a clinician's programmer is answered at that URL."""
    with SerialLink(url) as link:
        programmer = Programmer(Conversation(link), 1)
        return [type(programmer.open(Role.CLINICIAN)), *(type(programmer.request(message)) for message in asked)]


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said = process.communicate(timeout=30)[1]
    return process.returncode, said


@pytest.mark.parametrize("programmer", ["pty", "tcp", "tcp:127.0.0.1:0"])
@pytest.mark.parametrize("pump", ["emulator", "served"])
def test_session_passes_and_is_anchored_over_either_kind_of_end(programmer: str, pump: str, start: Start, tmp_path: Path) -> None:
    if pump == "served":
        pump = first_line(start("emulate", "--tcp", "0"))
    recording = start("record", programmer, pump, "-o", "session.pcapng", "--once")
    assert talk(first_line(recording), *ANCHORS) == [Opened, ProgramRead, Status, LogPage]
    code, said = ended(recording)
    assert code == 0, said
    assert "ReadProgram" in said
    assert "therapy_state=stopped" in said
    found = load(tmp_path / "session.pcapng")
    assert (sureness_of(found), found.gaps, len(found.requests)) == ("anchored", [], 4)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_capture_is_readable_however_the_recording_ends(ending: signal.Signals, start: Start, tmp_path: Path) -> None:
    recording = start("record", "tcp", "emulator", "-o", "session.pcapng", "--ready-file", "ready")
    wait_until((tmp_path / "ready").exists, "the ready file")
    url = (tmp_path / "ready").read_text().strip()
    assert talk(url, ReadStatus()) == [Opened, Status]
    os.kill(recording.pid, ending)
    code, _ = ended(recording)
    found = verify(tmp_path / "session.pcapng")
    killed = ending == signal.SIGKILL
    assert (code, found.whole, found.damage) == (-ending if killed else 130, not killed, None)
    assert len(load(tmp_path / "session.pcapng").requests) == 2


def test_recording_ends_with_4_when_the_pump_is_gone(start: Start, tmp_path: Path) -> None:
    pump = start("emulate", "--tcp", "0")
    recording = start("record", "tcp", f"serial:{first_line(pump)}", "-o", "session.pcapng", "--no-reconnect")
    assert talk(first_line(recording), ReadStatus()) == [Opened, Status]
    pump.kill()
    code, said = ended(recording)
    assert code == 4, said
    assert verify(tmp_path / "session.pcapng").whole


def test_pump_may_come_by_itself(start: Start, tmp_path: Path) -> None:
    """Two recorders in a row: the pump of the first is the second, which comes to it as a programmer would."""
    first = start("record", "pty", "tcp", "-o", "first.pcapng", "--quiet")
    at_programmer = first_line(first)
    assert first.stderr is not None
    awaited = next(line for line in first.stderr if "awaited" in line).split()[-1]
    start("record", awaited, "emulator", "-o", "second.pcapng", "--quiet")
    wait_until((tmp_path / "second.pcapng").exists, "the second recording")
    assert talk(str(tmp_path / at_programmer), ReadStatus()) == [Opened, Status]
    first.terminate()
    assert len(load(tmp_path / "first.pcapng").requests) == len(load(tmp_path / "second.pcapng").requests) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("emulator", "emulator"), "is a pump"),
        (("pty", "emulater"), "did you mean emulator?"),
        (("tcp:here", "emulator"), "expected tcp"),
        (("pty", "emulator", "-o", "there.pcapng"), "choose another name"),
    ],
)
def test_record_refuses_what_it_cannot_stand_between(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    require("pty")
    (tmp_path / "there.pcapng").write_text("")
    done = pumpbench("record", *words, cwd=tmp_path)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert len(done.stderr.splitlines()) < 3


def test_recording_is_decoded_as_any_capture(start: Start, tmp_path: Path) -> None:
    recording = start("record", "pty", "emulator", "-o", "session.pcapng", "--once", "--quiet")
    talk(first_line(recording), ReadStatus())
    ended(recording)
    done = pumpbench("decode", "session.pcapng", "--format", "ndjson", cwd=tmp_path)
    assert done.returncode == 0
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["Open", "Opened", "ReadStatus", "Status"]
