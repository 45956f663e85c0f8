"""Says the rows as a table for people and as the JSON of `make bench`; it must not measure."""

import json
from collections.abc import Iterable
from typing import Final

from pumpbench.tools.bench.path import Row, figure
from pumpbench.tools.text_table import text_table

ABSENT: Final = "absent"
HEADING: Final = ("path", "ours", "peer", "ratio", "unit", "peer's name", "goal", "reached")
RIGHT: Final = frozenset((1, 2, 3))


def table(rows: Iterable[Row]) -> list[str]:
    """Lines; `ratio` is ours / peer, `reached` stays empty where a row has no goal or nobody to hold it against."""
    return text_table(HEADING, [_cells(row) for row in rows], RIGHT)


def _cells(row: Row) -> tuple[str, ...]:
    goal = row.peer.goal.text(row.path.unit) if row.peer.goal else ""
    reached = "" if row.reached is None else "yes" if row.reached else "no"
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}x"
    return (row.path.name, _said(row.ours), _said(row.theirs), ratio, row.path.unit, row.peer_name, goal, reached)


def _said(value: float | None) -> str:
    return ABSENT if value is None else figure(value)


def as_json(rows: Iterable[Row]) -> str:
    """A list of {path, ours, peer, peer_name, ratio, unit}; what is absent says so, and its ratio is null."""
    return json.dumps([_object(row) for row in rows], indent=1) + "\n"


def _object(row: Row) -> dict[str, float | str | None]:
    return {
        "path": row.path.name,
        "ours": ABSENT if row.ours is None else row.ours,
        "peer": ABSENT if row.theirs is None else row.theirs,
        "peer_name": row.peer_name,
        "ratio": row.ratio,
        "unit": row.path.unit,
    }
