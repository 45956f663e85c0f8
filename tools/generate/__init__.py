"""Knows every file that is generated from the declarations, and whether the checked-in one still says the same."""

from pathlib import Path

from pumpbench.hil.scenario import schema

from . import c_header, c_tables, lua_dissector, spec_md
from .facts import FactError

ROOT = Path(__file__).resolve().parents[2]


def all_outputs() -> dict[Path, str]:
    """Path relative to the checkout -> the text that should stand there. Raises FactError."""
    spec = Path("protocol/SPEC.md")
    if not (ROOT / "hil/board").is_dir() or not (ROOT / spec).is_file():
        raise FactError(f"{ROOT}: no checkout of the project; generated files are written where its sources are")
    return {
        Path("hil/board/facts/pb_facts.h"): c_header.text(),
        Path("hil/board/facts/pb_facts.c"): c_tables.text(),
        spec: spec_md.refreshed((ROOT / spec).read_text()),
        Path(schema.PATH): schema.schema_text(),
        Path("tools/wireshark/pumpbench.lua"): lua_dissector.text(),
    }


def stale() -> list[Path]:
    """Checked-in files that differ from what the declarations give, or are missing."""
    return [path for path, text in all_outputs().items() if not (ROOT / path).is_file() or (ROOT / path).read_text() != text]


def write() -> list[Path]:
    """Writes what is stale; returns it."""
    changed = stale()
    for path in changed:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(all_outputs()[path])
    return changed
