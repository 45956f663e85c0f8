"""This project's own code and the libraries it needs, as a volume for the guest to read; knows nothing of the guest's system."""

import compileall
import hashlib
import py_compile
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from pumpbench.hil.guest.errors import GuestMissing
from pumpbench.hil.guest.image import alone, build_folder, forget, squash

OWN: Final = "pumpbench"
ROOMS: Final = Path(__file__).resolve().parent.parent.parent
NAMES: Final = ("protocol", "firmware_emu", "hil", "tools", "fixtures")
KINDS: Final = {".py", ".toml", ".json", ".lua", ".md", ".rules", ".sh", ".bin", ".hex", ".txt", ".csv"}
# Of what the project declares: the compiled ones, and what only a terminal needs, which the guest has not.
NOT_THERE: Final = {"numpy", "rich"}


def volume() -> tuple[str, Path]:
    """Its key and its file, made anew where a source or a library is another. Raises `GuestMissing`."""
    files = dict(_files())
    key = hashlib.sha256(_metadata().encode())
    for name, path in files.items():
        key.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    name = key.hexdigest()[:16]
    folder = build_folder()
    volume = folder / f"code-{name}"
    with alone(folder):
        if not volume.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as made:
                _make(files, Path(made), volume)
            forget("code-*")
    return name, volume


def _files() -> Iterator[tuple[str, Path]]:
    """Where in the volume -> where here, in an order that stays."""
    for room in NAMES:
        for path in sorted((ROOMS / room).rglob("*")):
            if path.suffix in KINDS and path.is_file() and "__pycache__" not in path.parts:
                yield f"pumpbench/{path.relative_to(ROOMS)}", path
    for library in _libraries():
        for file in sorted(distribution(library).files or [], key=str):
            path = Path(str(distribution(library).locate_file(file)))
            if path.suffix == ".py" and ".." not in file.parts and path.is_file():
                yield str(file), path


def _metadata() -> str:
    """By which our own code knows its version."""
    return f"Metadata-Version: 2.1\nName: {OWN}\nVersion: {distribution(OWN).version}\n"


def _libraries() -> list[str]:
    needs = [re.split(r"[^\w-]", need)[0] for need in distribution(OWN).requires or [] if "extra ==" not in need]
    if not needs:
        raise GuestMissing("guest", "this copy of pumpbench does not tell what it needs", "make .venv/.runtime")
    return sorted(set(needs) - NOT_THERE)


def _make(files: dict[str, Path], folder: Path, volume: Path) -> None:
    tree = folder / "tree"
    for name, path in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tree / name)
    (tree / f"{OWN}-{distribution(OWN).version}.dist-info").mkdir()
    (tree / f"{OWN}-{distribution(OWN).version}.dist-info" / "METADATA").write_text(_metadata())
    # The guest has the same Python as Debian here; another one would compile for itself, and slowly.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(tree, quiet=2, invalidation_mode=mode, stripdir=str(tree), prependdir="/pumpbench")
    squash(tree, folder / "volume")
    (folder / "volume").replace(volume)
