"""Debian packages by name, fetched and unpacked by this machine's own apt and dpkg without any right; chooses no name itself."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pumpbench.hil.guest.errors import GuestMissing

WHERE: Final = "guest"
TOOLS: Final = {
    "apt-get": "run on Debian",
    "dpkg": "run on Debian",
    "mksquashfs": "apt install squashfs-tools",
    "qemu-system-x86_64": "apt install qemu-system-x86",
}
STEP_S: Final = 300.0
COMMAND_CHARS_MAX: Final = 80
STANDS_FOR: Final = re.compile(r"^Depends: (\S+) \(= (\S+)\)$", re.MULTILINE)
CHOSEN: Final = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)


def check_tools() -> None:
    """Raises `GuestMissing` by the first tool that is not here."""
    for tool, cure in TOOLS.items():
        if shutil.which(tool) is None:
            raise GuestMissing(WHERE, f"no {tool} here", cure)


def chosen(names: Iterable[str]) -> list[str]:
    """`name=version` of each package and of all that it depends on, as apt would put them on an empty machine.

    Raises `GuestMissing` where this machine's apt knows one of them not.
    """
    empty = ("-o", "Dir::State::status=/dev/null", "-o", "APT::Install-Recommends=false")
    return ["=".join(found) for found in CHOSEN.findall(run(["apt-get", "install", "-s", *empty, *names]))]


def meant(name: str) -> str:
    """`name=version` of the one package that a package of no files, such as a kernel's, stands for. Raises `GuestMissing`."""
    shown = run(["apt-cache", "show", "--no-all-versions", name])
    found = STANDS_FOR.search(shown)
    if found is None:
        raise GuestMissing(WHERE, f"apt's {name} stands for no one package", "run on Debian")
    return "=".join(found.groups())


def fetched(packages: Sequence[str], folder: Path) -> list[Path]:
    """The files of `name=version` packages, in `folder`, which holds nothing else. Raises `GuestMissing`."""
    run(["apt-get", "download", "-qq", *packages], folder)
    return sorted(folder.glob("*.deb"))


def unpacked(files: Iterable[Path], root: Path) -> None:
    """Their files alone: no script of theirs is run. Raises `GuestMissing`."""
    for file in files:
        run(["dpkg", "-x", str(file), str(root)])


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """What it prints. Raises `GuestMissing` with its last words where it fails or is not done in `STEP_S`."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=STEP_S
        )
    except subprocess.TimeoutExpired as problem:
        raise GuestMissing(WHERE, f"{command[0]} was not done in {STEP_S:g} s", "is the network there?") from problem
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith("W:")] or ["it said nothing"]
        raise GuestMissing(
            WHERE, f"{' '.join(command)[:COMMAND_CHARS_MAX]} failed ({said[-1]})", "apt-get update, then try again"
        )
    return done.stdout
