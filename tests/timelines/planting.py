"""Knows how a wrong fact is planted in a copy of the project, on both sides at once, and what the timelines say to it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.support import ROOT

ROOMS = ("protocol", "firmware_emu", "hil", "tools", "fixtures")


class Plant(NamedTuple):
    """A fact and what it is changed to, as text of a declaring file."""

    file: str
    old: str
    new: str


class Copy:
    """A copy of the rooms that can be spoiled. Both implementations read the same spoiled facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = folder / "pumpbench"
        for room in ROOMS:
            shutil.copytree(ROOT / room, self.tree / room, ignore=shutil.ignore_patterns("__pycache__"))
        (self.tree / "__init__.py").touch()

    def plant(self, plant: Plant) -> None:
        """Raises ValueError unless the text stands there exactly once."""
        path = self.tree / plant.file
        text = path.read_text()
        if text.count(plant.old) != 1:
            raise ValueError(f"{plant.file}: {plant.old!r} stands there {text.count(plant.old)} times; expected once")
        path.write_text(text.replace(plant.old, plant.new))

    def judged(self, library: Path | None = None) -> tuple[int, str]:
        """Exit code of `judge.main` and what it said: the reference, or the firmware of `library`."""
        more = [str(library)] if library else []
        return self.python("-m", "tests.timelines.judge", str(self.tree), *more)

    def firmware(self) -> Path:
        """The library built from facts generated anew from the spoiled declarations."""
        code, said = self.python("-c", "from pumpbench.tools.generate import write; write()")
        assert code == 0, said
        build = self.folder / "build"
        make = ["make", "-s", "-C", str(self.tree / "hil" / "board"), "lib", f"BUILD={build}", "OPTIMISE=-O1", "LTO="]
        done = subprocess.run(make, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return build / "libpumpbench.so"

    def python(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-B", *arguments], cwd=ROOT, env={"PYTHONPATH": str(self.folder), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).strip()
