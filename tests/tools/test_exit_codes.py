"""Every row of the exit-code table, met through a process; and the one line that each kind of bad input gets."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from pumpbench.hil.capture import Record, read
from pumpbench.tools import edge
from tests.support import require, wait_until
from tests.tools.command import COMMAND, environment, pumpbench, started

SHORT = "title = 'short'\nsources = ['unsourced']\nuntil = '1h'\n"
WRONG = SHORT + "[[expect]]\nvalue = 'reservoir_true_nl'\nat = '30min'\nequals = 1\n"
LOCAL = ("--topology", "local")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "short.toml").write_text(SHORT)
    (tmp_path / "wrong.toml").write_text(WRONG)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "short.toml", *LOCAL), 0, "PASS"),
        (("run", "wrong.toml", *LOCAL), 1, "wrong.toml:4"),
        (("run", "wrong.toml", *LOCAL, "--capture", "w.pcapng"), 1, "next        pumpbench step w.pcapng --at 30min"),
        (("run", "short.toml", "wrong.toml", *LOCAL), 1, "all together: fail"),
        (("run", "short.toml", "--target", "emulator"), 3, "compared with itself"),
        (("run", "wrong.toml", "--target", "emulator"), 1, "wrong.toml:4"),
        (("run", "short.toml", "--target", "serial:/dev/absent"), 4, "/dev/absent: no such port"),
        (("run", "absent*"), 2, "matches no shipped scenario"),
        (("run", "defualt"), 2, "did you mean default?"),
        (("run", "short.toml", "--target", "emulatr"), 2, "did you mean emulator?"),
        (("run", "short.toml", "--target", "qemu:any"), 2, "no such emulated board"),
        (("run", "short.toml", "--target", "native", *LOCAL), 2, "choose topology twin"),
        (("run", "short.toml", "--topology", "triplet"), 2, "choose one of local, twin, controller"),
        (("run", "short.toml", "--no-rotor-follow"), 2, "--no-rotor-follow: of topology controller alone, and this is twin"),
        (("run", "short.toml", "--until", "30"), 2, "'90d 12h 30s 250t'"),
        (("run", "short.toml", "--until", "0s"), 2, "expected a time after the start"),
        (("run", "short.toml", "--speed", "fast"), 2, "expected max, real"),
        (("run", "short.toml", "--speed", "nan"), 2, "expected max, real"),
        (("run", "short.toml", "--seed", "-1"), 2, "expected a whole number"),
        (("run", "short.toml", "wrong.toml", "--capture", "one.pcapng"), 2, "--capture names one file"),
        (("rnu",), 2, "did you mean run?"),
        (("run", "--chekc"), 2, "pumpbench run --help"),
        (("lint", "absent.toml"), 2, "1 problem\n"),
        (("decode", "absent"), 2, "absent: cannot be read"),
        (("decode", "/dev/null"), 2, "no frame in it"),
        (("replay", "absent", "--against", "emulator"), 2, "absent: cannot be read"),
        (("replay", "short.toml", "--against", "emulator"), 2, "no capture of this bench"),
        (("replay", "short.toml", "--mask", "Status.battery_mv"), 2, "MESSAGE.FIELD:BOUND:REASON"),
        (("replay", "short.toml", "--mask", "Status.absent:1:why"), 2, "no field Status.absent"),
        (("step", "short.toml", "--at", "soon"), 2, "expected a duration"),
        (("send", "emulator", "ReadSttus"), 2, "did you mean ReadStatus?"),
        (("send", "emulator", "Resume"), 2, "Resume refused"),
        (("send", "serial:/dev/absent", "ReadStatus"), 4, "/dev/absent: no such port"),
        (("emulate", "--tcp", "0", "--link", "pump"), 2, "leave one out"),
    ],
)
def test_command_ends_with_the_code_of_the_table(words: tuple[str, ...], code: int, said: str, folder: Path) -> None:
    done = pumpbench(*words, cwd=folder)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    if code == 2 and words[0] not in ("lint", "send"):
        assert done.stderr.count("\n") == 1, done.stderr


def test_command_without_a_verb_prints_its_help_and_ends_with_2(tmp_path: Path) -> None:
    done = pumpbench(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: " in done.stderr


def test_of_many_runs_a_broken_bench_outranks_what_is_inconclusive(folder: Path) -> None:
    require("pty")
    (folder / "pumpbench.toml").write_text("target = 'serial:/dev/absent'\n")
    done = pumpbench("run", "short.toml", "short.toml", cwd=folder)
    assert done.returncode == 4
    done = pumpbench("run", "short.toml", "wrong.toml", "--target", "emulator", cwd=folder)
    assert done.returncode == 1


def frames_in(capture: Path) -> int:
    return sum(isinstance(item, Record) and not item.is_meta for item in read(capture))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_closes_its_capture_and_ends_with_130_when_interrupted(sent: signal.Signals, tmp_path: Path) -> None:
    process = started(["run", "--topology", "local", "--speed", "100", "--capture", "cut.pcapng"], tmp_path)
    capture = tmp_path / "cut.pcapng"
    wait_until(lambda: capture.exists() and frames_in(capture) > 20, "a capture with something in it")
    process.send_signal(sent)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "INTERRUPTED" in said
    assert b'"ended":"interrupted"' in capture.read_bytes()
    decoded = pumpbench("decode", "cut.pcapng", cwd=tmp_path)
    assert (decoded.returncode, "RunTo" in decoded.stdout) == (0, True), decoded.stderr


def test_run_fails_when_the_firmware_crashes_under_it(tmp_path: Path) -> None:
    require("cc")
    require("make")
    process = started(["run", "--speed", "100", "--capture", "crash.pcapng"], tmp_path)
    capture = tmp_path / "crash.pcapng"
    wait_until(lambda: capture.exists() and frames_in(capture) > 20, "a capture with something in it")
    (firmware,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
    os.kill(firmware, signal.SIGSEGV)
    _, said = process.communicate()
    assert (process.returncode, "FAIL  the firmware ended itself by SIGSEGV, after tick" in said) == (1, True), said
    assert "--at" in said.splitlines()[-1]


def test_run_that_cannot_print_ends_with_the_code_of_a_broken_bench(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "run", "short.toml", *LOCAL], cwd=folder, env=environment(), stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        4,
        "pumpbench: No space left on device; make room where the output goes",
    )


def test_run_gives_its_verdict_when_nobody_reads_its_data(folder: Path) -> None:
    process = started(["run", "short.toml", *LOCAL], folder)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0, said
    assert "PASS" in said
    assert "Broken pipe" not in said


def test_decode_is_quiet_when_its_reader_leaves(tmp_path: Path) -> None:
    made = pumpbench("run", "--topology", "local", "--until", "1h", "--capture", "one.pcapng", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    process = started(["decode", "one.pcapng"], tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == edge.EXIT_PIPE


def test_an_error_that_nobody_foresaw_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise ZeroDivisionError("planted\nin two lines")

    assert edge.guarded(work) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("pumpbench: bug: ZeroDivisionError: planted in two lines; PUMPBENCH_TRACE=1")


def test_trace_is_shown_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setenv(edge.TRACE, "1")
    with pytest.raises(ZeroDivisionError):
        edge.guarded(work)


@pytest.mark.parametrize("words", [("lint",), ("run",), ("step", "--at", "1h")])
def test_pipe_is_no_scenario_and_nobody_waits_for_its_writer(words: tuple[str, ...], folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    done = pumpbench(words[0], "pipe", *words[1:], cwd=folder)
    assert done.returncode == 2
    assert "pipe: is no regular file; expected a TOML file or a shipped name" in done.stdout + done.stderr


@pytest.mark.parametrize("beginning", [b"\x0a\x0d\x0d\x0a", b"\x1f\x8b\x08"])
def test_capture_in_the_place_of_a_scenario_is_called_one(beginning: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.pcapng").write_bytes(beginning + b"\xff" * 20)
    for verb in ("run", "lint"):
        done = pumpbench(verb, "mine.pcapng", cwd=tmp_path)
        assert done.returncode == 2
        assert "mine.pcapng: is a capture, no scenario; `replay` plays one again" in done.stdout + done.stderr
