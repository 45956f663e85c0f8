"""Runs one flash tool, or one power command, and says in one line what went wrong; it knows no board."""

import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.flashing.commands import CURES

TIMEOUT_S: Final = 300.0


class ToolMissing(RigBroken):
    """The tool that flashes is not installed: install it."""


def run_tool(command: Sequence[str], where: str, timeout_s: float = TIMEOUT_S) -> None:
    """Raises `ToolMissing`, or `RigBroken` with the tool's last line."""
    if shutil.which(command[0]) is None:
        raise ToolMissing(where, f"no {command[0]} here", CURES.get(command[0], "install it"))
    started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    _finish(started, command[0], where, timeout_s)


def run_shell(line: str, where: str, timeout_s: float = TIMEOUT_S) -> None:
    """A power command as the settings file has it, by the shell. Raises `RigBroken`."""
    started = subprocess.Popen(line, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    _finish(started, line, where, timeout_s)


def _finish(process: subprocess.Popen[bytes], name: str, where: str, timeout_s: float) -> None:
    with process:
        try:
            said, _ = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as problem:
            process.kill()
            raise RigBroken(where, f"{name} did not end in {timeout_s:g} s", "see whether the board is plugged in") from problem
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        what = f"{name} ended with {process.returncode} ({_telling(lines)})"
        raise RigBroken(where, what, "--dry-run prints the command, to be tried by hand")


def _telling(lines: list[str]) -> str:
    """The first line that calls itself an error, else the last."""
    return next((line.strip() for line in lines if line.lower().lstrip().startswith("error")), lines[-1].strip())
