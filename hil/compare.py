"""Compares two frames that should say the same, field by field and by the class of each field; knows no link and no pump."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from pumpbench.protocol.frame import Frame
from pumpbench.protocol.layout import Field, layout_of

PLANT_DIGEST: Final = "plant_crc"
DIGEST_FIELDS: Final = frozenset({"controller_crc", PLANT_DIGEST, "memory_crc"})
# Of the header only what the pump decides: sequence numbers belong to a link, flags and version to the framing.
HEADER_FIELDS: Final = {"type": 2, "request_id": 4, "session": 5, "boot_seq": 6, "tick": 7}
DIGESTS_WITHOUT_PLANT: Final = 2
CONTENT: Final = "content"
WHOLE_FRAME: Final = "frame"
"""In a field's place: one side sent the frame and the other did not."""


class Difference(NamedTuple):
    """One field that two sides gave differently at `tick`; `theirs` is the target's or the recording's."""

    tick: int
    message: str
    field: str
    unit: str
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        return self._said(self.theirs, "expected", self.ours)

    @property
    def replayed(self) -> str:
        """The same line where a recording is `theirs`: what was recorded is then what was expected."""
        return self._said(self.ours, "recorded", self.theirs)

    def _said(self, now: Any, word: str, other: Any) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"tick {self.tick}: {self.message}.{self.field} is {now}{unit}, {word} {other}{unit}"


@dataclass(slots=True)
class Mask:
    """A user's leave for `message.field` to differ by at most `bound` (None: by anything), with the reason for it."""

    message: str
    field: str
    bound: int | None
    reason: str
    uses: int = 0

    @property
    def name(self) -> str:
        return f"{self.message}.{self.field}"

    def covers(self, theirs: Any, ours: Any) -> bool:
        if self.bound is None:
            return True
        return isinstance(theirs, int) and isinstance(ours, int) and abs(theirs - ours) <= self.bound


@dataclass(slots=True)
class Comparer:
    """Compares frames and counts what it did. `digests`: whether the state layouts are the same on both sides; `plants`: whether
    both sides have a plant, whose digest is else told as 0. `plantless`: the one side that has none, whose 0 is not judged.
    """

    digests: bool = True
    plants: bool = True
    plantless: Literal["", "theirs", "ours"] = ""
    masks: tuple[Mask, ...] = ()
    frames: int = 0
    digests_compared: int = 0
    not_compared: Counter[str] = field(default_factory=Counter)
    """By `message.field`: fields that differ but are of a class that is listed, not judged."""

    @property
    def whole(self) -> bool:
        """Whether digests that agree vouch for the whole state."""
        return self.digests and not self.plantless

    def compare(self, theirs: Frame, ours: Frame) -> Difference | None:
        """The first field that differs, in wire order, header first."""
        return next(iter(self.differences(theirs, ours)), None)

    def differences(self, theirs: Frame, ours: Frame) -> list[Difference]:
        """Every field that differs and is judged; [] when the frames agree."""
        self.frames += 1
        names = _names_of(type(ours.message))
        if self.digests:
            self.digests_compared += names.digest_count if self.plants else min(names.digest_count, DIGESTS_WITHOUT_PLANT)
        if theirs.message == ours.message and theirs.head[2] == ours.head[2] and theirs.head[4:] == ours.head[4:]:
            return []
        return [*self._header(theirs, ours), *self._body(theirs, ours, names)]

    def differences_in(self, theirs: Frame, ours: Frame, fields: frozenset[str]) -> list[Difference]:
        """Of these fields alone, every one where `fields` is empty; the header's are left out, and other fields are counted."""
        self.frames += 1
        found = list(self._body(theirs, ours, _names_of(type(ours.message))))
        kept = [one for one in found if not fields or one.field in fields]
        self.not_compared.update(f"{one.message}.{one.field}" for one in found if one not in kept)
        return kept

    def _header(self, theirs: Frame, ours: Frame) -> Iterable[Difference]:
        message = type(ours.message).__name__
        for name, at in HEADER_FIELDS.items():
            if theirs.head[at] != ours.head[at]:
                unit = "tick" if name == "tick" else ""
                yield Difference(ours.head[7], message, f"header.{name}", unit, theirs.head[at], ours.head[at])

    def _body(self, theirs: Frame, ours: Frame, names: "_Names") -> Iterable[Difference]:
        message = type(ours.message).__name__
        if type(theirs.message) is not type(ours.message):
            yield Difference(ours.head[7], message, "type", "", type(theirs.message).__name__, message)
            return
        for declared, one, other in zip(names.fields, theirs.message, ours.message, strict=False):
            if one != other and self._judged(message, declared, one, other):
                yield Difference(ours.head[7], message, declared.name, declared.unit, one, other)
        if names.tail and theirs.message[-1] != ours.message[-1]:
            yield _tail_difference(theirs, ours, names.tail)

    def _judged(self, message: str, declared: Field, theirs: int, ours: int) -> bool:
        if declared.klass in ("transport", "identity", "wall") or (not self.digests and declared.name in DIGEST_FIELDS):
            self.not_compared[f"{message}.{declared.name}"] += 1
            return False
        if declared.name == PLANT_DIGEST and {"theirs": theirs, "ours": ours}.get(self.plantless) == 0:
            self.not_compared[f"{message}.{declared.name}"] += 1
            return False
        if declared.klass == "measured" and abs(theirs - ours) <= declared.tolerance:
            return False
        for mask in self.masks:
            if mask.name == f"{message}.{declared.name}" and mask.covers(theirs, ours):
                mask.uses += 1
                self.digests_compared -= declared.name in DIGEST_FIELDS
                return False
        return True


class _Names(NamedTuple):
    fields: tuple[Field, ...]
    tail: str
    digest_count: int


_cache: dict[type, _Names] = {}


def _names_of(cls: type) -> _Names:
    known = _cache.get(cls)
    if known is not None:
        return known
    if not hasattr(cls, "__layout__"):
        return _Names((), CONTENT, 0)  # an Unknown: header and raw body
    layout = layout_of(cls)
    made = _Names(layout.fields, layout.tail.name if layout.tail else "", sum(f.name in DIGEST_FIELDS for f in layout.fields))
    _cache[cls] = made
    return made


def _tail_difference(theirs: Frame, ours: Frame, name: str) -> Difference:
    """The first item that differs; where one side is shorter, the counts."""
    one, other = theirs.message[-1], ours.message[-1]
    tick, message = ours.head[7], type(ours.message).__name__
    if len(one) != len(other):
        return Difference(tick, message, f"{name}_count", "", len(one), len(other))
    at = next(i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    return Difference(tick, message, f"{name}[{at}]", "", one[at], other[at])
