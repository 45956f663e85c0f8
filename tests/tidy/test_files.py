"""The shape of files: their length, their opening sentence, docstrings that say something."""

import ast
import re
from pathlib import Path

import pytest

from tests.tidy import sources

LINES_MAX = 400
# Longer, and known: path -> lines. A number here only ever falls, and a file that is short again leaves the list.
LONGER = {"protocol/messages.py": 700}
FILLER = {"a", "an", "the", "of", "for", "to", "from", "is", "and", "return", "returns", "get", "gets", "this"}


def written_by_hand() -> list[Path]:
    return [path for path in sources.with_suffix(".py", ".c", ".h", ".sh") if "generated" not in sources.text(path)[:300].lower()]


def test_files_stay_short_enough_to_read_at_once() -> None:
    lengths = {str(path): sources.text(path).count("\n") for path in written_by_hand()}
    wrong = [
        f"{name}: {n} lines, at most {LONGER.get(name, LINES_MAX)}"
        for name, n in lengths.items()
        if n > LONGER.get(name, LINES_MAX)
    ]
    wrong += [f"{name}: no longer long, take it off the list" for name in LONGER if lengths.get(name, 0) <= LINES_MAX]
    assert not wrong, "\n".join(wrong)


def test_modules_open_with_one_sentence() -> None:
    wrong = [
        f"{path}: no opening sentence" for path in sources.with_suffix(".py") if not opens_with_a_sentence(sources.tree(path))
    ]
    assert not wrong, "\n".join(wrong)


def opens_with_a_sentence(module: ast.Module) -> bool:
    docstring = ast.get_docstring(module) or ""
    return not module.body or bool(re.match(r"\S+ .+?[.](\s|$)", docstring, re.DOTALL))


def test_c_files_open_with_a_comment() -> None:
    wrong = [
        f"{path}: no opening sentence"
        for path in sources.with_suffix(".c", ".h")
        if not sources.text(path).startswith(("/*", "//"))
    ]
    assert not wrong, "\n".join(wrong)


def test_docstrings_say_more_than_the_name() -> None:
    wrong = [
        f"{sources.at(path, node)}: the docstring repeats the name {node.name}"
        for path in sources.python_in(*sources.ROOMS)
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and says_only_its_name(node.name, ast.get_docstring(node))
    ]
    assert not wrong, "\n".join(wrong)


def says_only_its_name(name: str, docstring: str | None) -> bool:
    if docstring is None:
        return False
    said = {_stem(word) for word in re.findall(r"[a-z0-9]+", docstring.lower())} - {_stem(word) for word in FILLER}
    named = {_stem(word) for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}
    return said <= named


def _stem(word: str) -> str:
    return word.lower().removesuffix("s")


@pytest.mark.parametrize(
    ("name", "docstring", "idle"),
    [
        ("read_frame", "Reads a frame.", True),
        ("FrameReader", "The frame reader.", True),
        ("read_frame", "At most 256 bytes; raises nothing.", False),
        ("read_frame", None, False),
    ],
)
def test_idle_docstring_check_judges_a_known_one(name: str, docstring: str | None, idle: bool) -> None:
    assert says_only_its_name(name, docstring) == idle


@pytest.mark.parametrize(
    ("source", "opens"),
    [('"""Knows bytes; no clock."""\n', True), ("", True), ("x = 1\n", False), ('"""wip"""\nx = 1\n', False)],
)
def test_opening_check_judges_a_known_module(source: str, opens: bool) -> None:
    assert opens_with_a_sentence(ast.parse(source)) == opens
