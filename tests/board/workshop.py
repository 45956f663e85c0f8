"""Builds the firmware and small C programs beside it for tests; it judges nothing."""

import atexit
import fcntl
import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.support import ROOT, require

BOARD = ROOT / "hil" / "board"
BUILD = ROOT / "build" / "board"


def clean_environment() -> dict[str, str]:
    """Without what a make that called us says to its own children."""
    return {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def run(*command: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs to the end; fails the test with what the program said where it fails."""
    done = subprocess.run([str(word) for word in command], input=given, capture_output=True, check=False, env=clean_environment())
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
    return done


@cache
def made(goal: str) -> Path:
    """Runs one goal of the board's Makefile, one at a time on this machine; the folder it built into."""
    require("cc")
    require("make")
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run("make", "-s", "-C", BOARD, goal, f"BUILD={BUILD}")
    return BUILD


@cache
def scratch() -> Path:
    """A folder of this test run alone, gone at its end."""
    folder = tempfile.TemporaryDirectory(prefix="pumpbench-board-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def sanitized() -> Path:
    """The process under address and undefined-behaviour sanitizers; any finding ends it."""
    return made("sanitize") / "sanitize" / "pumpbench-native"


def compiler() -> list[str]:
    require("cc")
    return os.environ.get("CC", "cc").split()


@cache
def wire_check() -> Path:
    """The program of wire_check.c, sanitized."""
    program = scratch() / "wire_check"
    sources = [*sorted(BOARD.glob("wire/*.c")), *sorted(BOARD.glob("facts/*.c")), Path(__file__).with_name("wire_check.c")]
    flags = ["-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    run(*compiler(), *flags, "-o", program, *sources)
    return program
