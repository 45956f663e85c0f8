"""The verbs flash, reset and list and the flag --show-config, as their users type them, with tools planted on the PATH."""

import os
from pathlib import Path

import pytest

from pumpbench.hil.ports import board_id
from pumpbench.tools import boarding
from pumpbench.tools.failure import Failed
from pumpbench.tools.settings import load
from pumpbench.tools.show_config import lines_of
from tests.tools.command import pumpbench

SETTINGS = """
[target.bench1]
serial = "066BFF"
board = "nucleo_f446re"
image = "mine.elf"
[target.pico]
url = "/dev/ttyACM0"
board = "pico"
image = "mine.elf"
[target.plain]
url = "socket://127.0.0.1:7"
power_off = "echo off >> power"
power_on = "echo on >> power"
[target.bare]
url = "/dev/ttyACM0"
"""


OPENOCD = "openocd -f board/st_nucleo_f4.cfg -c 'adapter serial 066BFF'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pumpbench.toml").write_text(SETTINGS)
    (tmp_path / "mine.elf").write_bytes(b"an image")
    return tmp_path


def plant_tool(folder: Path, name: str, script: str) -> str:
    """A PATH that begins with a tool of this name."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (("flash", "bench1"), f"{OPENOCD} -c 'program {{mine.elf}} verify reset exit'\n"),
        (("reset", "bench1"), f"{OPENOCD} -c 'init; reset run; exit'\n"),
        (("flash", "pico"), "cp mine.uf2 the drive called RPI-RP2\n"),
        (("reset", "plain"), "echo off >> power\necho on >> power\n"),
    ],
)
def test_dry_run_prints_the_command_and_runs_nothing(words: tuple[str, ...], printed: str, folder: Path) -> None:
    done = pumpbench(*words, "--dry-run", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")
    assert not (folder / "power").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("flash", "absent"), 2, "only a board from pumpbench.toml can be flashed or reset; it names bench1, pico, plain, bare"),
        (("flash", "bare"), 2, "no board named; add board ="),
        (("reset", "bare"), 2, "add one or the other to [target.bare]"),
        (("reset", "pico"), 2, "use --power, or its button"),
        (("flash", "bench1", "--image", "none.elf"), 2, "none.elf: no such image"),
        (("flash", "bench1", "--wait", "soon"), 2, "--wait 'soon': expected a time such as 30s, 10m or 1h"),
        (("flash", "pico"), 2, "mine.bin: no such image"),
        (("run", "--target", "bench1", "--until", "1h"), 4, "no board with USB serial 066BFF is plugged in"),
    ],
)
def test_verb_refuses_in_one_line_what_cannot_be(words: tuple[str, ...], code: int, said: str, folder: Path) -> None:
    done = pumpbench(*words, cwd=folder)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_flash_runs_the_tool_and_says_what_comes_next(folder: Path) -> None:
    path = plant_tool(folder, "openocd", 'echo "$@" > told')
    done = pumpbench("flash", "bench1", cwd=folder, PATH=path)
    assert done.returncode == 0, done.stderr
    assert "program {mine.elf} verify reset exit" in (folder / "told").read_text()
    assert done.stderr == "bench1: mine.elf flashed; next: pumpbench send bench1 Identify\n"


def test_flash_that_fails_is_an_error_of_the_bench(folder: Path) -> None:
    path = plant_tool(folder, "openocd", "echo 'Error: open failed' >&2; exit 1")
    done = pumpbench("flash", "bench1", cwd=folder, PATH=path)
    assert done.returncode == 4
    assert "openocd ended with 1 (Error: open failed)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_reset_by_power_turns_it_off_and_on(folder: Path) -> None:
    done = pumpbench("reset", "plain", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "power").read_text() == "off\non\n"


def test_flash_takes_the_lock_that_opening_the_board_takes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def refuse(board: str, purpose: str, wait_s: float) -> None:
        taken.append(board)
        raise Failed(f"{purpose} {wait_s:g}")

    monkeypatch.setattr(boarding, "BoardLock", refuse)
    with pytest.raises(Failed, match=r"flash mine\.elf 600"):
        boarding.flash("bench1", None, False, load({}, folder / "pumpbench.toml").given("wait", "10m"))
    assert taken == [board_id("usb-serial:066BFF")]


def test_list_prints_ports_or_that_there_are_none(tmp_path: Path) -> None:
    done = pumpbench("list", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("port ") or "no serial port seen" in done.stderr


def test_show_config_tells_each_value_and_its_place(folder: Path) -> None:
    lines = lines_of(load({"HOME": "/nonexistent", "PUMPBENCH_SPEED": "real"}, folder / "pumpbench.toml"))
    assert any(line.split() == ["speed", "real", "PUMPBENCH_SPEED"] for line in lines)
    assert any(line.split() == ["out", "not", "set:", "PUMPBENCH_OUT"] for line in lines)
    assert f"[target.bench1]  from {folder}/pumpbench.toml, opens serial:usb-serial:066BFF" in lines
    assert "  board = nucleo_f446re" in lines
    assert not [line for line in lines if line.startswith("  baud")]


def test_show_config_is_a_flag_of_the_command_itself(folder: Path) -> None:
    done = pumpbench("--show-config", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "[target.pico]  from pumpbench.toml, opens serial:/dev/ttyACM0" in done.stdout
