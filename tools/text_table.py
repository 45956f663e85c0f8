"""Knows how rows become aligned columns of text; it must not know what they say."""

from collections.abc import Sequence

GAP = "  "


def text_table(heading: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines, the heading first; columns in `right` are set to the right. No rows: no lines."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    return [_line(row, widths, right) for row in (heading, *rows)]


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    cells = (cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
    return GAP.join(cells).rstrip()
