"""Knows what a layout is once it is read off its class: flat data; it must not know how any reader uses it.

Codecs, columns, the C facts, the wire document and the tests read a `Layout` and never the class.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .codelist import CodeList
from .wire import WIDTH_BYTES, range_of

Klass = Literal["therapy", "tick", "measured", "transport", "identity", "wall"]
THERAPY: Final = "therapy"
"""Compared exactly."""
TICK: Final = "tick"
"""A pump time; compared exactly."""
MEASURED: Final = "measured"
"""Compared within the field's tolerance."""
TRANSPORT: Final = "transport"
"""Checked for continuity, not compared."""
IDENTITY: Final = "identity"
"""Names one device; differences are listed."""
WALL: Final = "wall"
"""Host or calendar time; differences are listed."""

Channel = Literal["therapy", "bench", "both"]
Kind = Literal["request", "reply", "event", "item", "state"]
Shape = Literal["scalar", "array", "blob"]

TAIL_PREFIX_BYTES: Final = 3
"""Before the items of a tail: count u16, item size u8."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `offset` and sizes in bytes; a blob has code `s` and `count` bytes, an array `count` elements of `code`."""

    name: str
    code: str
    offset: int
    count: int
    shape: Shape
    unit: str
    klass: Klass
    lo: int
    hi: int
    since: int
    default: int | None
    """None: the maker of a message must give it."""
    tolerance: int
    doc: str
    codes: CodeList | None
    flags: CodeList | None

    @property
    def width_bytes(self) -> int:
        """Of one element."""
        return WIDTH_BYTES[self.code]

    @property
    def width_range(self) -> tuple[int, int]:
        """Smallest and largest value the width can hold."""
        return range_of(self.code)

    @property
    def size(self) -> int:
        return self.width_bytes * self.count

    @property
    def format(self) -> str:
        """Its part of a `struct` format."""
        return self.code if self.shape == "scalar" else f"{self.count}{self.code}"


@dataclass(frozen=True, slots=True)
class Tail:
    """The one variable part of a message, always last: count u16, item size u8, items. `item` None: plain bytes."""

    name: str
    item: "Layout | None"
    count_max: int
    klass: Klass
    doc: str

    @property
    def item_bytes(self) -> int:
        return 1 if self.item is None else self.item.size

    @property
    def size_max(self) -> int:
        return TAIL_PREFIX_BYTES + self.count_max * self.item_bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """One message, item or state part. `number` is the message type; 0 for items and states."""

    name: str
    number: int
    channel: Channel
    kind: Kind
    replies: int | None
    fields: tuple[Field, ...]
    tail: Tail | None
    doc: str

    @property
    def size(self) -> int:
        """Bytes of the fixed fields as declared today, without the tail."""
        return sum(field.size for field in self.fields)

    @property
    def size_max(self) -> int:
        """Bytes of the largest body."""
        return self.size + (self.tail.size_max if self.tail else 0)

    @property
    def format(self) -> str:
        """`struct` format of the fixed fields: little-endian, unpadded."""
        return "<" + "".join(field.format for field in self.fields)

    def size_at(self, since: int) -> int:
        """Bytes of the fixed fields as they were at revision `since`."""
        return sum(field.size for field in self.fields if field.since <= since)

    @property
    def revisions(self) -> tuple[int, ...]:
        """The revisions at which this layout grew, rising, its first included."""
        return tuple(sorted({1} | {field.since for field in self.fields}))

    def field(self, name: str) -> Field:
        """Raises KeyError with the layout's and the field's name."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name!r}; it has {', '.join(f.name for f in self.fields)}")

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)
