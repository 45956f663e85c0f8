"""Finds what a misspelt word may have meant, in the words of one hint; it knows no list of its own."""

import difflib
from collections.abc import Iterable
from typing import Final

LISTED_MAX: Final = 12
"""Of a longer list only the nearest few are told."""
_NEAR: Final = 0.6


def is_near(word: str, name: str) -> bool:
    """Whether `word` may be a misspelling of `name`; case is nothing."""
    return bool(difflib.get_close_matches(word.lower(), [name.lower()], cutoff=_NEAR))


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean dose_ng?`, or what is known where nothing is near."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=_NEAR)
    if near:
        return f"did you mean {names[near[0]]}?"
    if len(names) <= LISTED_MAX:
        return f"expected one of {', '.join(names.values())}"
    few = difflib.get_close_matches(word.lower(), names, n=3, cutoff=0)
    return f"the nearest of {len(names)} are {', '.join(names[one] for one in few)}"
