"""Lines of keys: every key of a document is found on the line where it stands."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.scenario.lines import key_lines
from pumpbench.hil.scenario.problem import Path
from pumpbench.hil.scenario.shipped import scenario_text, shipped_names
from pumpbench.hil.scenario.toml_text import to_toml

DOCUMENT = '''title = "a # no comment" # comment = 1
why = """
[not] = "a table"
"""
list = [
  { a = 1, b = [2, 3] },
  { a = "x,y" },
]

[start]
"quoted key" = 1
dotted.key = 2

[[step]]
at = "1h"
[step.program]
mode = "flex"

[[step]]
at = "2h"
inline = { deep = { er = 1 } }
date = 2026-01-05
'''


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Every path of a parsed document, tables and list items included."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [one for key, inner in items for one in paths(inner, (*path, key))]


def test_every_key_of_a_document_has_its_line_when_scanned() -> None:
    lines = key_lines(DOCUMENT)
    assert set(paths(tomllib.loads(DOCUMENT))) == set(lines)
    assert lines["title",] == 1
    assert lines["why",] == 2
    assert lines["list", 0, "b", 1] == 6
    assert lines["list", 1] == 7
    assert lines["start", "quoted key"] == 11
    assert lines["start", "dotted", "key"] == 12
    assert lines["step", 0] == 14
    assert lines["step", 0, "program", "mode"] == 17
    assert lines["step", 1, "inline", "deep", "er"] == 21
    assert lines["step", 1, "date"] == 22


def test_every_key_of_every_shipped_scenario_has_a_line_that_names_it() -> None:
    for name in shipped_names():
        text, _ = scenario_text(name)
        lines, written = key_lines(text), text.splitlines()
        for path in paths(tomllib.loads(text)):
            assert path in lines, f"{name}: {path} has no line"
            if isinstance(path[-1], str):
                assert path[-1] in written[lines[path] - 1], f"{name}: {path} is not on line {lines[path]}"


SCALARS = st.one_of(
    st.integers(-(2**40), 2**40), st.booleans(), st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)
)
KEYS = st.text("abcdefgh_", min_size=1, max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=8
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_a_written_document_reads_back_equal_and_has_every_line(document: dict[str, Any]) -> None:
    text = to_toml(document)
    assert tomllib.loads(text) == document
    assert set(paths(document)) == set(key_lines(text))
