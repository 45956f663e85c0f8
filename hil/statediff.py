"""Takes two snapshots apart and names every field that differs, from the declared state alone; it knows no link and no rig."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.layout import Layout, State, layout_of

PROGRAM_IMAGES: Final = frozenset({"staged", "program"})
WORD_BYTES: Final = 4


class Value(NamedTuple):
    """One number of a state: `durable.owed_q[2]`, its unit, and itself."""

    name: str
    unit: str
    value: int


class FieldDifference(NamedTuple):
    """A number that two states give differently, or gave in one of several pairs of states."""

    name: str
    unit: str
    theirs: tuple[int | None, ...]
    ours: tuple[int | None, ...]

    def __str__(self) -> str:
        pairs = ", ".join(f"{one} against {other}" for one, other in zip(self.theirs, self.ours, strict=True))
        return f"{self.name}: {pairs}{' ' + self.unit if self.unit else ''}"


def values(snapshot: bytes) -> list[Value]:
    """Every number of a snapshot in order: arrays by index, program images by their own fields, memory by words.

    Raises ValueError for a snapshot of another size.
    """
    layouts = [layout_of(part) for part in STATE_PARTS]
    expected = sum(layout.size for layout in layouts)
    if len(snapshot) != expected:
        raise ValueError(f"snapshot of {len(snapshot)} bytes; expected {expected}: it belongs to another state layout")
    found: list[Value] = []
    at = 0
    for part, layout in zip(STATE_PARTS, layouts, strict=True):
        found += _part_values(layout.name.lower(), part.from_bytes(snapshot[at : at + layout.size]), layout)
        at += layout.size
    return found


def differences(pairs: list[tuple[bytes, bytes]]) -> list[FieldDifference]:
    """Every number that differs in at least one pair (theirs, ours), with its value in all of them."""
    sides = [(values(theirs), values(ours)) for theirs, ours in pairs]
    found = []
    for column in zip(*(side for pair in sides for side in pair), strict=True):
        theirs, ours = column[::2], column[1::2]
        if any(one.value != other.value for one, other in zip(theirs, ours, strict=True)):
            name, unit, _ = column[0]
            found.append(FieldDifference(name, unit, tuple(v.value for v in theirs), tuple(v.value for v in ours)))
    return found


def _part_values(prefix: str, part: State, layout: Layout) -> Iterator[Value]:
    for field in layout.fields:
        name, value = f"{prefix}.{field.name}", getattr(part, field.name)
        if field.shape == "scalar":
            yield Value(name, field.unit, value)
        elif field.shape == "array":
            yield from (Value(f"{name}[{i}]", field.unit, one) for i, one in enumerate(value))
        elif field.name in PROGRAM_IMAGES:
            yield from _part_values(name, Program.from_bytes(bytes(value)), layout_of(Program))
        else:
            yield from (Value(f"{name}[{i}]", "", word) for i, word in enumerate(_words(value)))


def _words(blob: Any) -> Iterator[int]:
    return (int.from_bytes(blob[at : at + WORD_BYTES], "little") for at in range(0, len(blob), WORD_BYTES))
