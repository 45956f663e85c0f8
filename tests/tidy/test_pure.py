"""The pure rooms hold integers only: no float, no true division, no rounding, no I/O, no clock, no chance."""

import ast
from pathlib import Path

import pytest

from tests.tidy import sources

BANNED_CALLS = {"open", "print", "input", "float", "complex", "round", "breakpoint", "id", "hash"}
# Both twins divide by two named functions only; this file is where they stand.
DIVIDES = Path("firmware_emu/arithmetic.py")
# construct names a field by a slash: "tick" / Int64ul.
NAMES_BY_SLASH = Path("protocol/reference.py")


def impurities(path: Path) -> list[str]:
    return [f"{sources.at(path, node)}: {reason}" for node in ast.walk(sources.tree(path)) if (reason := _reason(path, node))]


def _reason(path: Path, node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"{node.value} is no integer"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
        return f"{node.func.id}() has no place in a pure room"
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return _division(path, node.op)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "divmod":
        return _division(path, ast.Mod())
    return None


def _division(path: Path, operator: ast.operator) -> str | None:
    if isinstance(operator, ast.Div) and path != NAMES_BY_SLASH:
        return "true division gives a float: use div_floor or div_round_half_up"
    if isinstance(operator, ast.FloorDiv | ast.Mod) and path.parts[0] == "firmware_emu" and path != DIVIDES:
        return f"the pump divides only by the functions of {DIVIDES}"
    return None


def test_pure_rooms_hold_integers_only() -> None:
    wrong = [line for path in sources.python_in(*sources.PURE) for line in impurities(path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("file", "line", "pure"),
    [
        ("protocol/planted.py", "x = 0.5", False),
        ("protocol/planted.py", "x = a / b", False),
        ("protocol/planted.py", "x = a // b", True),
        ("protocol/planted.py", "x = round(a)", False),
        ("firmware_emu/planted.py", "x = a // b", False),
        ("firmware_emu/planted.py", "x %= b", False),
        ("firmware_emu/planted.py", "x, y = divmod(a, b)", False),
        ("firmware_emu/planted.py", "x = open(a)", False),
        ("firmware_emu/planted.py", "x = a * b - c", True),
        ("firmware_emu/arithmetic.py", "x = a // b", True),
        ("firmware_emu/arithmetic.py", "x /= b", False),
    ],
)
def test_purity_check_judges_a_known_line(file: str, line: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "tree", lambda path: ast.parse(line))
    assert (not impurities(Path(file))) == pure
