"""What a newcomer meets before any Python runs: make's verbs, and the one line for each thing that is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT, require


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `command` without the variables that an enclosing make hands down."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PUMPBENCH_"))} | environment
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def programs(folder: Path, **scripts: str) -> str:
    """A folder of planted programs, ahead of everything on the PATH that it gives back."""
    folder.mkdir(exist_ok=True)
    for name, body in scripts.items():
        (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name.replace("_", "-")).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_make_alone_prints_every_verb_in_one_line() -> None:
    require("make")
    printed = run("make").stdout.splitlines()
    declared = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in printed] == declared
    assert {"run", "test", "lint", "bench", "firmware-host", "spec", "soak", "clean"} <= set(declared)


def test_compiler_missing_stops_the_firmware_with_its_cure() -> None:
    require("make")
    asked = run("make", "firmware-host", "CC=absent-cc")
    assert asked.returncode != 0
    assert asked.stderr.splitlines()[0] == "make: no C compiler (absent-cc): apt install gcc libc6-dev"


def test_compiler_missing_does_not_stop_a_run() -> None:
    require("make")
    asked = run("make", "host-if-possible", "CC=absent-cc")
    assert asked.returncode == 0
    assert "runs against itself: apt install gcc libc6-dev" in asked.stderr
    assert asked.stderr.count("\n") == 1


def test_builds_of_the_firmware_wait_for_each_other(tmp_path: Path) -> None:
    """The stand-in for the firmware's own Makefile fails where it meets itself."""
    require("make")
    (tmp_path / "hil" / "board").mkdir(parents=True)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "hil" / "board" / "Makefile").write_text("host lib:\n\t@mkdir busy\n\t@sleep 0.1\n\t@rmdir busy\n")
    asked = ["make", "firmware-host", "CC=true"]
    builds = [subprocess.Popen(asked, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(build.communicate()[1], build.returncode) for build in builds] == [("", 0)] * 4


@pytest.mark.parametrize(
    ("python", "line"),
    [
        ("exit 127", "no Python 3.11 or later (none found): apt install python3 python3-venv"),
        ('case "$2" in *version_info*2*) echo 3.9;; *) exit 1;; esac', "no Python 3.11 or later (planted is 3.9): apt install"),
        (
            'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.11;; esac',
            "planted 3.11 cannot make a virtual environment: apt install python3-venv",
        ),
    ],
)
def test_python_missing_or_unfit_is_said_in_one_line(python: str, line: str, tmp_path: Path) -> None:
    path = programs(tmp_path, planted=python)
    asked = run("sh", "tools/make_venv.sh", str(tmp_path / "venv"), PYTHON="planted", PATH=path)
    assert asked.returncode == 1
    assert asked.stderr.count("\n") == 1
    assert line in asked.stderr


def test_venv_is_made_with_the_python_asked_for(tmp_path: Path) -> None:
    path = programs(tmp_path, planted='case "$2" in *print*) echo 3.12;; venv) echo "$3" > "$3";; esac')
    assert run("sh", "tools/make_venv.sh", str(tmp_path / "venv"), PYTHON="planted", PATH=path).returncode == 0
    assert (tmp_path / "venv").read_text() == f"{tmp_path}/venv\n"


@pytest.mark.parametrize(
    ("uid", "apt", "line"),
    [
        ("1000", "exit 1", "some tests will be left out; for all of them: apt install bsdutils chromium-headless-shell gcc"),
        ("0", "exit 1", "apt-get could not install bsdutils chromium-headless-shell gcc"),
        ("0", "exit 0", ""),
    ],
)
def test_missing_packages_are_installed_or_named_in_one_line(uid: str, apt: str, line: str, tmp_path: Path) -> None:
    path = programs(tmp_path, id=f"echo {uid}", apt_get=apt, apt_cache="exit 0", dpkg_query="exit 1")
    asked = run("sh", "tools/apt_packages.sh", PATH=path)
    assert asked.returncode == 0
    assert asked.stderr.count("\n") == bool(line)
    assert line in asked.stderr


def test_package_that_a_release_does_not_have_keeps_no_other_away(tmp_path: Path) -> None:
    apt = f'test "$1" = update || echo "$@" > {tmp_path}/asked'
    only = 'test "$2" != gcc'
    path = programs(tmp_path, id="echo 0", apt_get=apt, apt_cache=only, dpkg_query="exit 1")
    asked = run("sh", "tools/apt_packages.sh", PATH=path)
    assert asked.returncode == 0
    assert asked.stderr == "make test: this release has no gcc; the tests that need it are left out\n"
    words = (tmp_path / "asked").read_text().split()
    assert "gcc" not in words
    assert {"git", "make", "tshark"} <= set(words)


def test_apt_is_left_alone_when_nothing_is_missing(tmp_path: Path) -> None:
    path = programs(tmp_path, id="echo 0", apt_get=f"touch {tmp_path}/called", dpkg_query="echo install ok installed")
    assert run("sh", "tools/apt_packages.sh", PATH=path).returncode == 0
    assert not (tmp_path / "called").exists()
