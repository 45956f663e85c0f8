"""Draws numbers and whole messages from their declared ranges, edges often; knows no pump."""

import random
from typing import Any

from pumpbench.protocol.layout import Field, item_class_of, layout_of


def log_uniform(rng: random.Random, lo: int, hi: int) -> int:
    """A whole number of 1 or more whose size is uniform, so that small and large come alike."""
    lo = max(lo, 1)
    bits = rng.uniform(lo.bit_length() - 1, hi.bit_length())
    return min(max(int(2**bits), lo), hi)


def within(rng: random.Random, lo: int, hi: int) -> int:
    """In lo..hi: an end, near an end, anything, or anything by size."""
    match rng.randrange(6):
        case 0:
            return rng.choice((lo, hi))
        case 1:
            return rng.choice((min(lo + 1, hi), max(hi - 1, lo)))
        case 2 | 3:
            return rng.randint(lo, hi)
        case _:
            return min(lo + log_uniform(rng, 1, max(hi - lo, 1)) - 1, hi)


def around(rng: random.Random, lo: int, hi: int, widest: int) -> int:
    """Mostly in lo..hi, sometimes just outside or far outside; always in 0..widest."""
    if rng.random() < 0.75:
        return within(rng, lo, hi)
    return rng.choice((max(lo - 1, 0), min(hi + 1, widest), widest, 0, rng.randint(0, widest)))


def value_of(rng: random.Random, declared: Field) -> int:
    """In a field's declared range; known codes often."""
    if declared.codes and rng.random() < 0.7:
        return min(rng.choice(declared.codes.members)[1], declared.hi)
    return within(rng, declared.lo, declared.hi)


def message_of(rng: random.Random, cls: Any) -> Any:
    """Any message of a class, within the ranges its fields declare."""
    layout = layout_of(cls)
    values: dict[str, Any] = {declared.name: value_of(rng, declared) for declared in layout.fields}
    if layout.tail and layout.tail.item:
        item = item_class_of(cls)
        values[layout.tail.name] = tuple(message_of(rng, item) for _ in range(rng.randint(0, layout.tail.count_max)))
    elif layout.tail:
        values[layout.tail.name] = rng.randbytes(rng.randint(0, layout.tail.count_max))
    return cls(**values)
