"""The module behind `make guest`: a machine that cannot build one says so in a line, and one that has it says nothing."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT, require


def asked(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pumpbench.tools.guest", *arguments]
    env = os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_guest_that_cannot_be_built_is_said_in_one_line_and_a_code(tmp_path: Path) -> None:
    done = asked("--image", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "pumpbench: guest: no apt-get here; run on Debian\n"


def test_guest_that_is_there_is_not_built_again() -> None:
    require("guest")
    asked("--image")
    again = asked("--image")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
