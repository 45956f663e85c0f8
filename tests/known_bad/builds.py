"""Knows how a patched copy of the firmware is built for this machine beside what was compiled already; it runs nothing."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.support import ROOT

BOARD: Final = Path("hil") / "board"
LIBRARY: Final = "libpumpbench.so"
# Whole-program optimisation would link every object anew; without it a patch costs one compilation. What a defect leaves
# unused is no reason not to build it.
OPTIONS: Final = ("OPTIMISE=-O2", "LTO=", "WERROR=", "BUILD=../../build")


class PatchFails(Exception):
    """A patch does not apply to the firmware as it stands: mend the patch, or let the defect go with its line."""


class Workshop:
    """One unspoiled build, and as many spoiled copies of it as are asked for, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.good = folder / "good"
        shutil.copytree(ROOT / BOARD, self.good / BOARD)
        self.library = _built(self.good)

    def spoiled(self, patch: Path) -> Path:
        """The library of a copy with the patch applied. Raises `PatchFails`; ValueError where it does not build."""
        tree = self.folder / patch.stem
        # Times of files are kept, so that make compiles only what the patch touched.
        shutil.copytree(self.good, tree, ignore=shutil.ignore_patterns(LIBRARY))
        _apply(patch, tree)
        return _built(tree)


def _apply(patch: Path, tree: Path) -> None:
    # Above the copy there may be a repository, to whose index git would turn.
    clean = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    command = ["git", "apply", "--verbose", str(patch.resolve())]
    done = subprocess.run(command, cwd=tree, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if line.startswith("error:")), done.stderr.strip())
        raise PatchFails(f"{patch.name}: does not apply ({reason}); write it anew against {BOARD}")


def _built(tree: Path) -> Path:
    clean = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "-s", "-C", str(tree / BOARD), "lib", *OPTIONS]
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr.strip())
        raise ValueError(f"{tree.name}: does not build: {reason}")
    return tree / "build" / LIBRARY
