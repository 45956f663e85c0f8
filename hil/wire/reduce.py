"""Reduces a failing list to one from which nothing more can be taken; it knows not what fails, nor of what the list is."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def reduced(items: Sequence[Item], fails: Callable[[Sequence[Item]], bool]) -> tuple[Item, ...]:
    """Delta debugging: takes parts away, coarse ones first, while it still `fails`.

    Law: the outcome fails, its items keep their order, and without any one of them it fails no more; where one item
    fails alone, or none is needed, no more are left. Raises ValueError where the whole list does not fail.
    """
    left = tuple(items)
    if not fails(left):
        raise ValueError(f"the whole list of {len(left)} does not fail, so there is nothing to reduce")
    size = max(1, len(left) // 2)
    while left:
        shorter = _without_a_part(left, size, fails)
        if shorter is not None:
            left, size = shorter, max(1, min(size, len(shorter) // 2))
        elif size == 1:
            break
        else:
            size //= 2
    # Taking away ends where each is needed beside the others; another of them may do it all by itself.
    fewer: list[tuple[Item, ...]] = [(), *((item,) for item in items)] if len(left) > 1 else []
    return next((few for few in fewer if fails(few)), left)


def _without_a_part(left: tuple[Item, ...], size: int, fails: Callable[[Sequence[Item]], bool]) -> tuple[Item, ...] | None:
    """The list less one part of `size` that it fails without; None where it needs each of them."""
    for start in range(0, len(left), size):
        shorter = left[:start] + left[start + size :]
        if fails(shorter):
            return shorter
    return None
