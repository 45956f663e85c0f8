"""Knows how the workings beside a figure are read and checked: equations in backquotes, in whole numbers only."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pumpbench.hil.conformance.timelines.cases import Case

_BINARY: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Eq: operator.eq,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

CHECKS: Final = ("rate_check_nl_per_day", "volume_check_nl")


def equations(text: str) -> list[str]:
    """The fragments in backquotes that compare something."""
    return [one for one in re.findall(r"`([^`]+)`", text) if re.search(r"[=<>]", one)]


def holds(equation: str) -> bool:
    """Whether `a = b`, or a longer chain, is true. Raises ValueError for anything but whole numbers and + - * // %."""
    tree = ast.parse(re.sub(r"(?<![<>=])=(?!=)", "==", equation), mode="eval").body
    if not isinstance(tree, ast.Compare):
        raise ValueError(f"{equation!r} compares nothing; expected `a = b`")
    values = [_value(side) for side in (tree.left, *tree.comparators)]
    return all(_COMPARE[type(op)](a, b) for op, a, b in zip(tree.ops, values, values[1:], strict=False))


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    raise ValueError(f"{ast.unparse(node)!r}: expected whole numbers, + - * // %")


def numbers(text: str) -> set[int]:
    """Every whole number in a text; `1_000` and `1 000` are one number."""
    joined = re.sub(r"(?<=\d)[_ ](?=\d{3}(?!\d))", "", text)
    return {int(one) for one in re.findall(r"\d+", joined)}


def workings(case: Case) -> Iterator[tuple[str, list[int], str]]:
    """(place, the numbers checked there, the text that derives them) of a whole case."""
    for name, program in case.programs.items():
        yield f"program {name}", [program[key] for key in CHECKS], program.get("arithmetic", "")
    for i, moment in enumerate(case.moments, 1):
        tables = [moment.body.get(key, {}) for key in ("state", "replied", "verified")]
        checks = [moment.body["verify"][key] for key in CHECKS] if moment.kind == "verify" else []
        found = [*checks, *(number for one in tables for number in _integers(one))]
        yield f"moment {i} (tick {moment.tick})", found, moment.arithmetic
    for expected in case.events:
        args = [one for one in expected.args if isinstance(one, int)]
        yield f"event {expected.event}", [*args, *expected.ticks], expected.arithmetic


def _integers(table: Mapping[str, Any]) -> list[int]:
    return [one for one in table.values() if isinstance(one, int)]
