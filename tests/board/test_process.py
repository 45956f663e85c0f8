"""The firmware as a process: its pty, its link, its end, its time, and an abort while a credit runs."""

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import SerialLink
from pumpbench.protocol.codes import StopReason
from pumpbench.protocol.messages import Abort, Arm, Done, Identified, Identify, ReadLink, Report, RunTo
from tests.board import workshop
from tests.board.bench import START, StdioDevice
from tests.support import require, wait_until

FAR_TICK = 1 << 40


@contextmanager
def process(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and the path it named; ended by its own pid."""
    require("pty")
    started = subprocess.Popen([str(workshop.made("host") / "pumpbench-native"), *words], stdout=subprocess.PIPE, bufsize=0)
    try:
        assert started.stdout is not None
        ready, _, _ = select.select([started.stdout], [], [], 30)
        assert ready, "the process named no port"
        yield started, started.stdout.readline().decode().strip()
    finally:
        started.kill()
        started.communicate()


def ends(started: subprocess.Popen[bytes]) -> int:
    """Its exit status; fails where it does not end by itself."""
    wait_until(lambda: started.poll() is not None, "the process to end")
    return started.wait()


def test_process_serves_the_protocol_on_the_pty_it_names() -> None:
    with process() as (_, path):
        talk = Conversation(SerialLink(path))
        assert isinstance(talk.ask(Identify()).message, Identified)
        talk.close()


def test_process_ticks_by_its_own_timer_until_it_is_armed() -> None:
    with process("--speed", "1000") as (_, path):
        talk = Conversation(SerialLink(path))
        wait_until(lambda: talk.ask(Identify()).header.tick > 20, "time to pass")
        build_id = talk.ask(Identify()).message.build_id
        armed_at = talk.ask(Arm(build_id=build_id), bench=True).header.tick
        for _ in range(50):
            assert talk.ask(Identify()).header.tick == armed_at
        talk.close()


def test_process_tolerates_a_peer_that_leaves_and_comes_again() -> None:
    with process() as (started, path):
        for _ in range(3):
            talk = Conversation(SerialLink(path))
            assert isinstance(talk.ask(Identify()).message, Identified)
            talk.close()
        assert started.poll() is None


def test_process_ends_with_its_first_peer_when_asked_to_serve_once() -> None:
    with process("--once") as (started, path):
        talk = Conversation(SerialLink(path))
        talk.ask(Identify())
        talk.close()
        assert ends(started) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_removes_its_link_when_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    link = tmp_path / "pump"
    with process("--link", str(link)) as (started, path):
        assert os.readlink(link) == path
        started.send_signal(number)
        assert ends(started) == 0
    assert not os.path.lexists(link)


def test_process_replaces_a_stale_link_but_never_a_file(tmp_path: Path) -> None:
    stale, file = tmp_path / "stale", tmp_path / "file"
    stale.symlink_to(tmp_path / "gone")
    file.write_text("mine")
    with process("--link", str(stale)) as (_, path):
        assert os.readlink(stale) == path
    program = workshop.made("host") / "pumpbench-native"
    refused = subprocess.run([program, "--link", file], capture_output=True, check=False)
    assert refused.returncode == 4
    assert b"is no link" in refused.stderr
    assert file.read_text() == "mine"


@pytest.mark.parametrize("words", [["--speed", "0"], ["--speed", "fast"], ["--speed"], ["--link"], ["--help"]])
def test_process_refuses_words_it_does_not_know_in_one_line(words: list[str]) -> None:
    refused = subprocess.run([workshop.made("host") / "pumpbench-native", *words], capture_output=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.count(b"\n") == 1
    assert b"expected" in refused.stderr


def test_abort_ends_a_credit_that_runs_and_is_answered_after_its_report() -> None:
    with process() as (_, path):
        talk = Conversation(SerialLink(path))
        build_id = talk.ask(Identify()).message.build_id
        talk.ask(Arm(build_id=build_id), bench=True)
        talk.ask(START, bench=True)
        credit = talk.bench.request(RunTo(target_tick=FAR_TICK, stop_mask=0), True)
        abort = talk.bench.request(Abort(), True)
        # In one write and so, likely, in one read: the abort is found behind the credit it ends.
        talk.link.write(credit.wire + abort.wire)
        report = talk.await_reply(credit, "RunTo", True).message
        assert isinstance(report, Report)
        assert report.reason == StopReason.ABORT
        assert isinstance(talk.await_reply(abort, "Abort", True).message, Done)
        talk.close()


def test_process_speaks_over_stdio_and_ends_with_its_input() -> None:
    with StdioDevice(workshop.made("host") / "pumpbench-native") as device:
        assert device.receive(b"")
        assert device.finish() == (0, b"")


def test_late_ticks_are_counted_and_never_skipped() -> None:
    with process("--speed", "1000000") as (_, path):
        talk = Conversation(SerialLink(path))

        def late() -> bool:
            counters = talk.ask(ReadLink(), bench=True)
            return bool(0 < counters.message.late_tick_count < counters.header.tick)

        wait_until(late, "a tick to come late")
        talk.close()
