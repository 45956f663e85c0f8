"""Knows what a check may say against a build: where, and in which fields; it must not know any check."""

from collections.abc import Iterable
from typing import NamedTuple


class Finding(NamedTuple):
    """The first tick at which a build was seen to be wrong, every field wrong there, and the words of the check."""

    tick: int
    fields: tuple[str, ...]
    said: str


def earliest(found: Iterable[tuple[int, str, str]]) -> Finding | None:
    """Of all (tick, field, words) those of the least tick, as one finding; None where there is none."""
    ordered = sorted(found, key=lambda one: one[0])
    first = [one for one in ordered if one[0] == ordered[0][0]]
    return Finding(first[0][0], tuple(field for _, field, _ in first), first[0][2]) if first else None
