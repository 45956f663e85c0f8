"""The two commands of the README in a clone of HEAD, with a bare environment. Too slow for the gate, which it contains."""

import subprocess

import pytest

from tests.support import ROOT, require


@pytest.mark.soak
def test_fresh_clone_runs_both_commands_and_stays_clean() -> None:
    for capability in ("git", "make", "cc", "pty"):
        require(capability)
    done = subprocess.run(["sh", "tools/fresh_clone.sh"], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0
