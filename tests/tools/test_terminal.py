"""A run on a terminal: the panel is drawn on stderr while stdout stays clean, and whoever was started is gone at the end."""

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from pumpbench.hil.links import PtyLink, SerialLink
from tests.support import require, wait_until
from tests.tools.command import COMMAND, environment, pumpbench, started


def drained(fd: int, process: subprocess.Popen[str]) -> str:
    """What the process writes to the terminal until it closes it."""
    found = b""
    while True:
        try:
            found += os.read(fd, 65536)
        except OSError:  # EIO: the other end is closed
            return found.decode(errors="replace")


@pytest.fixture
def run_on_terminal(tmp_path: Path) -> tuple[int, str, str]:
    """(exit code, stdout, what the terminal on stderr got) of a run that lasts long enough to be drawn."""
    require("pty")
    master, slave = pty.openpty()
    words = ("run", "--topology", "local", "--until", "2d", "--speed", "200000", "--json")
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, env=environment(TERM="xterm", COLUMNS="100"), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    terminal = drained(master, process)
    os.close(master)
    stdout, _ = process.communicate()
    return process.returncode, stdout, terminal


def test_panel_is_drawn_in_place_on_a_terminal_while_stdout_is_json(run_on_terminal: tuple[int, str, str]) -> None:
    code, stdout, terminal = run_on_terminal
    assert code == 0, terminal
    assert json.loads(stdout)["verdict"] == "pass"
    assert terminal.count("reservoir true") > 1
    assert "\x1b[" in terminal
    assert "PASS" in terminal[terminal.rindex("reservoir true") :]
    dates = re.findall(r"2026-01-0\d \d\d:\d\d", terminal)
    assert dates == sorted(dates)


def test_firmware_process_ends_with_the_run_that_is_interrupted(tmp_path: Path) -> None:
    require("cc")
    require("make")
    require("linux")
    process = started(["run", "--speed", "100", "--capture", "cut.pcapng"], tmp_path)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wait_until(lambda: (tmp_path / "cut.pcapng").exists(), "the recording")
    [firmware] = children.read_text().split()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    wait_until(lambda: not Path(f"/proc/{firmware}").exists(), "the end of the firmware")


def test_port_that_somebody_holds_is_refused_with_who_holds_it(tmp_path: Path) -> None:
    require("pty")
    with PtyLink() as served, SerialLink(served.slave_path):
        done = pumpbench("send", f"serial:{served.slave_path}", "ReadStatus", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert f"held by pid {os.getpid()}" in done.stderr


def test_folder_that_takes_no_recording_is_an_error_of_the_bench(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    done = pumpbench("run", "--topology", "local", "--until", "1h", cwd=tmp_path)
    assert done.returncode == 4
    assert "choose a folder that exists" in done.stderr
