"""Imports point left only: protocol <- firmware_emu <- hil <- tools, and nothing undeclared comes from outside."""

import ast
import sys
from pathlib import Path

import pytest

from tests.tidy import sources

# What each room may take from outside the standard library.
OUTSIDE = {
    "protocol": {"cobs", "construct", "crcmod", "numpy"},
    "firmware_emu": set[str](),
    "hil": {"numpy", "serial", "usb"},
    "tools": {"click", "cobs", "construct", "mcap", "numpy", "plotly", "pyarrow", "rich", "serial.tools.list_ports"},
}
# What we are measured against: only its own process ever imports it.
PEERS = Path("tools/bench/peers")
PEERS_OUTSIDE = {"can", "mcap", "pyarrow", "pymavlink", "serial", "simpy"}
# Only pytest itself ever loads what is in here.
PLUGIN = Path("hil/plugin")
PLUGIN_OUTSIDE = {"pytest"}
# A pure room has no clock, no chance, no I/O: of the standard library it may use only these.
PURE_STDLIB = {
    "__future__", "abc", "array", "bisect", "collections", "copy", "dataclasses", "difflib", "enum", "functools", "hashlib",
    "inspect",
    "itertools", "json", "keyword", "operator", "re", "string", "struct", "textwrap", "types", "typing",
}  # fmt: skip


def wrong_imports(path: Path) -> list[str]:
    room = path.parts[0]
    left = sources.ROOMS[: sources.ROOMS.index(room) + 1]
    stdlib = PURE_STDLIB if room in sources.PURE else set(sys.stdlib_module_names)
    return [
        f"{sources.at(path, node)}: {room}/ may not import {name}"
        for name, node in sources.imports(path)
        if not _allowed(name, left, OUTSIDE[room] | stdlib | _more(path))
    ]


def _more(path: Path) -> set[str]:
    """What one folder of a room may take beyond the room."""
    own = {PEERS: PEERS_OUTSIDE, PLUGIN: PLUGIN_OUTSIDE}
    return next((more for folder, more in own.items() if path.is_relative_to(folder)), set())


def _allowed(name: str, left: tuple[str, ...], outside: set[str]) -> bool:
    top, _, rest = name.partition(".")
    if top == "pumpbench":
        return rest.partition(".")[0] in (*left, "fixtures")
    return any(f"{name}.".startswith(f"{module}.") for module in outside)


def test_imports_point_left_in_every_room() -> None:
    wrong = [line for path in sources.python_in(*sources.ROOMS) for line in wrong_imports(path)]
    assert not wrong, "\n".join(wrong)


def test_rooms_are_imported_by_their_full_names_everywhere() -> None:
    wrong = [
        f"{sources.at(path, node)}: import pumpbench.{name}, not {name}"
        for path in sources.with_suffix(".py")
        for name, node in sources.imports(path)
        if name.partition(".")[0] in (*sources.ROOMS, "fixtures")
    ]
    assert not wrong, "\n".join(wrong)


def test_pure_rooms_import_nothing_by_a_computed_name() -> None:
    wrong = [
        f"{sources.at(path, node)}: a computed import hides an arrow"
        for path in sources.python_in(*sources.PURE)
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Name) and node.id == "__import__"
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("folder", "line", "allowed"),
    [
        ("hil", "from pumpbench.firmware_emu import tick", True),
        ("hil", "import pumpbench.tools.main", False),
        ("hil", "from pumpbench import tools", False),
        ("firmware_emu", "from ..hil import links", False),
        ("firmware_emu", "from . import state", True),
        ("firmware_emu", "import numpy", False),
        ("protocol", "import time", False),
        ("protocol", "def f():\n    import random", False),
        ("tools", "import construct", True),
        ("tools", "import serial", False),
        ("tools", "import requests", False),
        ("tools/bench/peers", "import pymavlink", True),
        ("tools/bench/ours", "import pymavlink", False),
        ("hil/plugin", "import pytest", True),
        ("hil/rig", "import pytest", False),
    ],
)
def test_arrow_check_judges_a_known_line(folder: str, line: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "tree", lambda path: ast.parse(line))
    assert (not wrong_imports(Path(folder, "planted.py"))) == allowed
