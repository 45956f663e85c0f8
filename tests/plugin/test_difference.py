"""A firmware that is wrong by one quantum: the report names the tick and the field, and its command finds them again."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pumpbench.hil.targets.native import NativeTarget
from tests.hil.planted import PLANT_TICK, planted_firmware
from tests.plugin.inner import THERAPY, Inner
from tests.support import require

pytest_plugins = ["pytester"]
PLANTED_TICK = 12_345


@pytest.fixture(scope="module")
def planted_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A port with the planted firmware behind it, which stays there for as many runs as come."""
    require("cc")
    require("pty")
    program = planted_firmware(tmp_path_factory.mktemp("planted"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PLANT_TICK, str(PLANTED_TICK))
        target = NativeTarget(program)
    url = target.link.url
    target.link.close()
    yield f"serial:{url}"
    target.close()


@pytest.fixture
def failed(inner: Callable[..., Inner], planted_url: str) -> Inner:
    """A test that asserts nothing wrong, and still fails."""
    ended = inner(f"def test_day(pump):\n    pump.program({THERAPY})\n    pump.advance('1d')\n", f"--pump-target={planted_url}")
    assert (ended.counts, ended.endings()) == ({"failed": 1}, ["failure"]), ended.text
    return ended


def test_difference_of_the_twins_fails_a_test_that_asserts_nothing(failed: Inner) -> None:
    found = failed.properties()["pump_first_difference"]
    assert re.fullmatch(rf"tick {PLANTED_TICK}: durable\.acc_q is (\d+) q, expected (\d+) q", found)
    assert f"target and reference differ: {found}" in failed.text


def test_command_of_a_failure_finds_the_same_again(failed: Inner) -> None:
    (command,) = re.findall(r"^reproduce +(pytest .*)$", failed.text, re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "-p", "no:cacheprovider"],
        cwd=failed.pytester.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert failed.properties()["pump_first_difference"] in done.stdout


def test_step_command_of_a_failure_stands_before_the_difference(failed: Inner) -> None:
    words = shlex.split(failed.properties()["pump_step"])
    assert words[-1] == f"{PLANTED_TICK - 1}t"
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert f"{PLANTED_TICK - 1:,}" in done.stdout + done.stderr or str(PLANTED_TICK - 1) in done.stdout + done.stderr
