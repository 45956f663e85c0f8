"""The C project: vendor headers, heap and float stay out of the portable part."""

import re
from pathlib import Path

import pytest

from tests.tidy import sources

BOARD = Path("hil/board")
# A freestanding C11 compiler has these, and string.h is a handful of functions any board can bring.
PORTABLE = {"assert.h", "inttypes.h", "limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
BANNED = r"\b(float|double|malloc|calloc|realloc|free|alloca|setjmp|longjmp|goto)\b"
# A board support package, and what exists only on a host, may include what their machine has.
FREE_TO_INCLUDE = ("bsp", "host", "tests")


def board_sources() -> list[Path]:
    return [path for path in sources.with_suffix(".c", ".h") if path.is_relative_to(BOARD)]


def without_comments(source: str) -> str:
    """The code with comments and literals blanked, line numbers kept."""
    pattern = r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    return re.sub(pattern, lambda hit: re.sub(r"[^\n]", " ", hit.group()), source, flags=re.DOTALL)


def heap_or_float(name: str, source: str) -> list[str]:
    code = without_comments(source)
    return [f"{name}:{code.count(chr(10), 0, hit.start()) + 1}: {hit.group()}" for hit in re.finditer(BANNED, code)]


def test_portable_c_includes_no_vendor_header() -> None:
    wrong = [
        f"{path}: <{header}> is not portable"
        for path in board_sources()
        if path.relative_to(BOARD).parts[0] not in FREE_TO_INCLUDE
        for header in re.findall(r"^\s*#\s*include\s*<([^>]+)>", sources.text(path), re.MULTILINE)
        if header not in PORTABLE
    ]
    assert not wrong, "\n".join(wrong)


def test_c_has_neither_heap_nor_float() -> None:
    wrong = [line for path in board_sources() for line in heap_or_float(str(path), sources.text(path))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("int x; /* a double bolus */", True),
        ("int x; // free", True),
        ('puts("float");', True),
        ("double x;", False),
        ("p = malloc(4);", False),
        ("bool freed;", True),
    ],
)
def test_heap_check_judges_a_known_line(source: str, clean: bool) -> None:
    assert (not heap_or_float("planted.c", source)) == clean
