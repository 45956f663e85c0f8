"""The README's picture: drawn from a real run, with nothing in it that a viewer would fetch from elsewhere."""

import re
from html import unescape
from pathlib import Path

import pytest

from pumpbench.tools.picture import draw
from tests.support import ROOT, require

PICTURE = ROOT / "fixtures" / "pictures" / "run.svg"


def words_of(picture: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", picture)).replace("\xa0", " ")


def test_picture_shows_the_panel_the_tables_and_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("cc")
    require("make")
    monkeypatch.chdir(tmp_path)
    assert draw(tmp_path / "pictures" / "run.svg") == 0
    shown = words_of((tmp_path / "pictures" / "run.svg").read_text())
    for part in ("$ make run", "reservoir true", "what happened", "what was expected", "PASS", "two implementations agree"):
        assert part in shown


def test_picture_that_is_checked_in_is_of_a_run_that_passed_and_fetches_nothing() -> None:
    picture = PICTURE.read_text()
    assert "two implementations agree" in words_of(picture)
    assert not re.findall(r"(?:href|src|url)[=(]['\"]?https?:", picture)
