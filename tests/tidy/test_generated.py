"""Generated files are checked in, and are what the declarations say today."""

import difflib
from pathlib import Path

from pumpbench.tools import generate
from tests.support import ROOT
from tests.tidy import sources


def test_generated_files_are_what_the_declarations_give() -> None:
    stale = [str(path) for path, content in generate.all_outputs().items() if _on_disk(Path(path)) != content]
    assert not stale, f"stale, `make spec` writes them anew: {', '.join(stale)}\n{_first_difference(Path(stale[0]))}"


def test_generated_files_are_checked_in() -> None:
    missing = {Path(path) for path in generate.all_outputs()} - set(sources.files())
    assert not missing


def _on_disk(path: Path) -> str:
    return (ROOT / path).read_text() if (ROOT / path).is_file() else ""


def _first_difference(path: Path) -> str:
    wanted = {Path(name): content for name, content in generate.all_outputs().items()}[path]
    return "\n".join(list(difflib.unified_diff(_on_disk(path).splitlines(), wanted.splitlines(), lineterm=""))[:20])
