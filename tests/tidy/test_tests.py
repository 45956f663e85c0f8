"""Tests themselves: each can fail, says a fact, waits on conditions, and is left out only through `require` or `soak`."""

import ast
from pathlib import Path

import pytest

from tests.support import CAPABILITIES, ROOT
from tests.tidy import sources

JUDGES = ("check_", "assert_")
SKIPS = {"skip", "importorskip", "skipif"}
SUPPORT = {Path("tests/support.py"), Path("tests/conftest.py")}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def each_test(module: ast.Module) -> list[Function]:
    return [node for node in ast.walk(module) if isinstance(node, Function) and node.name.startswith("test_")]


def judging_functions(module: ast.Module) -> set[str]:
    """The module's own functions that assert, or call one that does."""
    functions = [node for node in ast.walk(module) if isinstance(node, Function)]
    names: set[str] = set()
    while grown := {function.name for function in functions if can_fail(function, names)} - names:
        names |= grown
    return names


def can_fail(test: Function, helpers: set[str]) -> bool:
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and _judges(node.func, helpers)) for node in ast.walk(test)
    )


def _judges(called: ast.expr, helpers: set[str]) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in ("raises", "fail") or name in helpers or name.startswith(JUDGES)


def _calls(path: Path, names: set[str]) -> list[str]:
    return [
        sources.at(path, node) for node in ast.walk(sources.tree(path)) if isinstance(node, ast.Attribute) and node.attr in names
    ]


def test_tests_can_fail() -> None:
    wrong = [
        f"{sources.at(path, test)}: {test.name} asserts nothing"
        for path in sources.python_in("tests")
        for test in each_test(sources.tree(path))
        if not can_fail(test, judging_functions(sources.tree(path)))
    ]
    assert not wrong, "\n".join(wrong)


def test_test_names_read_as_facts() -> None:
    wrong = [
        f"{sources.at(path, test)}: {test.name}: expected test_<subject>_<does>_<when>"
        for path in sources.python_in("tests")
        for test in each_test(sources.tree(path))
        if test.name.count("_") < 3
    ]
    assert not wrong, "\n".join(wrong)


def test_test_files_are_found_by_pytest() -> None:
    wrong = [
        f"{path}: holds tests, but pytest reads only test_*.py"
        for path in sources.python_in("tests")
        if each_test(sources.tree(path)) and not path.name.startswith("test_") and path not in SUPPORT
    ]
    assert not wrong, "\n".join(wrong)


def test_tests_are_left_out_only_by_require_and_soak() -> None:
    wrong = [
        f"{line}: use tests.support.require"
        for path in sources.python_in("tests")
        if path not in SUPPORT
        for line in _calls(path, SKIPS)
    ]
    assert not wrong, "\n".join(wrong)


def test_tests_never_sleep_outside_a_wait_for_a_condition() -> None:
    wrong = [
        f"{sources.at(path, node)}: use tests.support.wait_until"
        for path in sources.python_in("tests")
        for node in sleeps(sources.tree(path))
    ]
    assert not wrong, "\n".join(wrong)


def sleeps(module: ast.AST) -> list[ast.AST]:
    """Each mention of a sleep, except in a function named wait_until, which polls one condition."""
    found = [node for node in ast.iter_child_nodes(module) if isinstance(node, ast.Attribute) and node.attr == "sleep"]
    inside = [node for node in ast.iter_child_nodes(module) if getattr(node, "name", "") != "wait_until"]
    return [*found, *(node for child in inside for node in sleeps(child))]


def test_required_packages_are_the_ones_make_test_installs() -> None:
    cures = {word for need in CAPABILITIES.values() if need.cure.startswith("apt install ") for word in need.cure.split()[2:]}
    listed = set((ROOT / "requirements/apt.txt").read_text().split("\n"))
    assert cures <= listed, f"requirements/apt.txt lacks {cures - listed}"


@pytest.mark.parametrize(
    ("source", "can"),
    [
        ("def test_x(): assert y", True),
        ("def test_x():\n    with pytest.raises(E): y()", True),
        ("def test_x(): check_link(make)", True),
        ("def test_x(): contracts.check_link(make)", True),
        ("def test_x(): y()", False),
        ("def y(): assert z\ndef w(): y()\ndef test_x(): w()", True),
        ("def y(): return z\ndef test_x(): y()", False),
    ],
)
def test_can_fail_check_judges_a_known_test(source: str, can: bool) -> None:
    module = ast.parse(source)
    assert [can_fail(test, judging_functions(module)) for test in each_test(module)] == [can]


@pytest.mark.parametrize(
    ("source", "idles"),
    [
        ("def test_x():\n    time.sleep(1)", True),
        ("def wait_until(condition):\n    while not condition(): time.sleep(0.1)", False),
        ("def wait_a_while():\n    time.sleep(1)", True),
    ],
)
def test_sleep_check_judges_a_known_function(source: str, idles: bool) -> None:
    assert bool(sleeps(ast.parse(source))) == idles
