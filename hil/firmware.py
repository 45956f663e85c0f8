"""Finds the firmware, for this machine or for a board, and builds it where sources and compiler are; it starts nothing."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import RigBroken

SOURCES: Final = Path(__file__).resolve().parent / "board"
PROCESS: Final = "pumpbench-native"
LIBRARY: Final = "libpumpbench.so"
CURE: Final = "install a C compiler and make (apt install gcc libc6-dev make) and try again"
BOARD_COMPILER: Final = "arm-none-eabi-gcc"
BOARD_CURE: Final = "apt install gcc-arm-none-eabi libnewlib-arm-none-eabi make, then try again"


class FirmwareMissing(RigBroken):
    """There is no firmware and nothing here to build it with or from: install what the message names."""


class BuildFailed(RigBroken):
    """Compiler and sources are here and do not agree: mend the line that the message quotes."""


def built(name: str) -> Path:
    """The path of `PROCESS` or `LIBRARY`, built anew where a source is newer. Raises `FirmwareMissing` or `BuildFailed`."""
    compiler = os.environ.get("CC", "cc").split()[0]
    return _built(build_folder() / name, build_folder(), ("host", "lib"), compiler, CURE)


def board_image(family: str) -> Path:
    """The path of the image for a family of boards, built anew where a source is newer. Raises as `built` does."""
    folder = build_folder()
    return _built(folder / "firmware" / f"{family}.elf", folder, (f"firmware-{family}",), BOARD_COMPILER, BOARD_CURE)


def _built(path: Path, folder: Path, goals: tuple[str, ...], compiler: str, cure: str) -> Path:
    if _fresh(path):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _fresh(path):
            _make(path, folder, goals, compiler, cure)
    if not path.exists():
        raise BuildFailed(path.stem, f"{path.name} was not built", f"see make -C {SOURCES}")
    return path


def build_folder() -> Path:
    """In a checkout its own `build/board`; for an installed copy, whose sources are not ours to write beside, a cache."""
    root = SOURCES.parent.parent
    if (root / "pyproject.toml").exists():
        return root / "build" / "board"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "pumpbench" / f"board-{_newest_ns():x}"


def _fresh(path: Path) -> bool:
    return path.exists() and path.stat().st_mtime_ns >= _newest_ns()


def _newest_ns() -> int:
    """When the newest source was written; 0 where there is none."""
    kinds = ("*.c", "*.h", "*.ld", "Makefile")
    return max((one.stat().st_mtime_ns for kind in kinds for one in SOURCES.rglob(kind)), default=0)


def _make(path: Path, folder: Path, goals: tuple[str, ...], compiler: str, cure: str) -> None:
    where = path.stem if path.suffix == ".elf" else "native"
    for tool in (compiler, "make"):
        if shutil.which(tool) is None:
            raise FirmwareMissing(where, f"no {tool} here to build it with", cure)
    if not (SOURCES / "Makefile").exists():
        raise FirmwareMissing(where, f"no sources in {SOURCES}", "install pumpbench from its wheel or a checkout")
    command = ["make", "-s", "-C", str(SOURCES), *goals, f"BUILD={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_clean_environment())
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["make said nothing"]
        reason = next((line for line in said if "error:" in line), said[0])
        raise BuildFailed(where, f"the firmware does not build ({reason})", f"run: {' '.join(command)}")


def _clean_environment() -> dict[str, str]:
    """Without what a make that called us says to its own children."""
    return {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
