"""Knows how a program is started whose start is measured: with its bytecode kept, as on any machine where it ran before."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from pumpbench.tools.bench.contender import Round, Setting, seconds


def environment(setting: Setting) -> dict[str, str]:
    """Ours, but for where bytecode goes: a folder that both sides fill in a first run that does not count."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(setting.folder / "bytecode")}


def starts(setting: Setting, *command: str | Path) -> Round:
    """How long the command takes from start to end."""
    settled = environment(setting)
    return started(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=settled))


def started(work: Callable[[], object]) -> Round:
    """`seconds` of `work`, whose first run does not count."""
    work()
    return seconds(work)
