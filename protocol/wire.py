"""Knows the eight integers the wire can carry; it must not know any message.

They are plain `Annotated[int, ...]` assignments, so a type checker sees ordinary integer fields.
"""

from dataclasses import dataclass
from typing import Annotated, Final


@dataclass(frozen=True, slots=True)
class Wire:
    """One `struct` code; always little-endian and unpadded."""

    code: str


U8 = Annotated[int, Wire("B")]
U16 = Annotated[int, Wire("H")]
U32 = Annotated[int, Wire("I")]
U64 = Annotated[int, Wire("Q")]
I8 = Annotated[int, Wire("b")]
I16 = Annotated[int, Wire("h")]
I32 = Annotated[int, Wire("i")]
I64 = Annotated[int, Wire("q")]

WIDTH_BYTES: Final[dict[str, int]] = {"B": 1, "H": 2, "I": 4, "Q": 8, "b": 1, "h": 2, "i": 4, "q": 8, "s": 1}


def range_of(code: str) -> tuple[int, int]:
    """Smallest and largest value of a struct code."""
    bits = 8 * WIDTH_BYTES[code]
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if code.islower() and code != "s" else (0, (1 << bits) - 1)


def code_of(annotation: object) -> str | None:
    """The struct code of a wire type such as `U32`; None for anything else."""
    marks = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Wire)]
    return marks[0].code if len(marks) == 1 else None
