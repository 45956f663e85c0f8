"""Runs the command line as its users do: a process of its own, in a folder of its own, without this suite's settings."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

COMMAND = (sys.executable, "-c", "from pumpbench.tools.main import main; main()")


def environment(**settings: str) -> dict[str, str]:
    """This one's without anything that the command would take for a setting."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PUMPBENCH_", "XDG_"))}
    return kept | {"HOME": "/nonexistent"} | settings


def pumpbench(*words: str, cwd: Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """The finished command; `settings` are environment variables."""
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, env=environment(**settings), input=stdin, capture_output=True, text=True, check=False
    )


def started(words: Sequence[str], cwd: Path, **settings: str) -> subprocess.Popen[str]:
    """The command while it runs; the caller ends it."""
    return subprocess.Popen(
        [*COMMAND, *words], cwd=cwd, env=environment(**settings), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
