"""SOURCES.md against what cites it: no id without a source, no source without a use."""

import re
from pathlib import Path

from tests.support import ROOT

SOURCES = ROOT / "firmware_emu" / "SOURCES.md"
CITING = ("firmware_emu", "protocol", "fixtures", "hil/scenario")
SUFFIXES = {".py", ".md", ".toml", ".json"}
AN_ID = r"\b[CDFGMPSX]\d\d\b"


def cited() -> dict[str, Path]:
    """Each id with one file that cites it."""
    files = (path for room in CITING for path in sorted((ROOT / room).rglob("*")) if path.suffix in SUFFIXES and path != SOURCES)
    return {one: path for path in files for one in re.findall(AN_ID, path.read_text())}


def listed() -> set[str]:
    return set(re.findall(rf"^\| ({AN_ID}) \|", SOURCES.read_text(), re.MULTILINE))


def test_sources_list_every_id_that_is_cited() -> None:
    missing = {one: str(path.relative_to(ROOT)) for one, path in cited().items() if one not in listed()}
    assert not missing, f"SOURCES.md has no row for {missing}"


def test_sources_list_no_id_that_nothing_cites() -> None:
    assert not listed() - set(cited())


def test_sources_give_each_row_a_grade_and_an_address() -> None:
    rows = re.findall(rf"^\| {AN_ID} \|.*$", SOURCES.read_text(), re.MULTILINE)
    wrong = [row for row in rows if not re.fullmatch(r"\| \w+ \| [ABC] \| [^|]{8,} \| [^|]{8,} \|", row)]
    assert not wrong
    assert len(rows) == len(listed())
