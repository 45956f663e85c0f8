"""Message, item and state classes that no device has, and strategies for any class; for the tests of the machinery alone."""

from typing import Any

from hypothesis import strategies as st

from pumpbench.protocol.declare import item_class_of
from pumpbench.protocol.layout import (
    I8,
    I16,
    I32,
    I64,
    MEASURED,
    U8,
    U16,
    U32,
    U64,
    Codes,
    Field,
    Registry,
    State,
    array,
    blob,
    field,
    item,
    layout_of,
    message,
    state,
    tail,
    tail_bytes,
)


class Colour(Codes):
    """Colours."""

    RED = 0
    GREEN = 1
    BLUE = 4


@item
class Step:
    """An item that grew once."""

    at_minute: U16 = field(lo=1, hi=1_439)
    dose_ng: U32 = field()
    late_ms: U8 = field(since=2, default=0)


@message(1, kind="request", replies=2)
class Every:
    """One field of each width, some of them narrowed."""

    a: U8 = field(codes=Colour)
    b_ms: U16 = field(lo=5, hi=900)
    c: U32 = field()
    d_tick: U64 = field()
    e: I8 = field(lo=-128)
    f: I16 = field(lo=-5, hi=5)
    g_mv: I32 = field(lo=-(2**31), klass=MEASURED, tolerance=3)
    h: I64 = field(lo=-(2**63))


@message(2, kind="reply")
class Grown:
    """A message that grew twice."""

    first: U8 = field()
    second: U32 = field(since=2, default=0)
    third: U16 = field(since=2, default=0, hi=1000)
    fourth: U64 = field(since=4, default=0)


@message(3, channel="bench", kind="request")
class Steps:
    """A tail of items."""

    index: U8 = field(hi=1)
    steps: tuple[Step, ...] = tail(Step, max_count=5)


@message(4, kind="event")
class Bytes:
    """A tail of bytes."""

    offset_bytes: U32 = field()
    data: bytes = tail_bytes(max_count=200)


@message(5, channel="both", kind="request")
class Empty:
    """No field."""


@message(6, kind="reply")
class Floor:
    """A range that is narrowed from below alone."""

    value: U8 = field(lo=3)


@state("part")
class Part(State):
    """Every shape of state field."""

    tick: U64 = field()
    level: U8 = field(lo=2, hi=9, default=4)
    below: I16 = field(lo=-7, hi=7)
    hours_ng: list[int] = array(U32, 3, hi=1000, default=7)
    words: bytearray = blob(8)


SAMPLES = Registry(Every, Grown, Steps, Bytes, Empty, Floor)


def values_of(one: Field) -> st.SearchStrategy[int]:
    """Whole range, its ends often."""
    return st.one_of(st.sampled_from([one.lo, one.hi]), st.integers(one.lo, one.hi))


def messages_of(cls: Any) -> st.SearchStrategy[Any]:
    """Any message or item of a declared class."""
    layout = layout_of(cls)
    parts: dict[str, st.SearchStrategy[Any]] = {one.name: values_of(one) for one in layout.fields}
    if layout.tail and layout.tail.item:
        parts[layout.tail.name] = st.lists(messages_of(item_class_of(cls)), max_size=layout.tail.count_max).map(tuple)
    elif layout.tail:
        parts[layout.tail.name] = st.binary(max_size=layout.tail.count_max)
    return st.fixed_dictionaries(parts).map(lambda values: cls(**values))


def any_message(registry: Registry) -> st.SearchStrategy[Any]:
    """A message of any class that the registry holds."""
    return st.one_of([messages_of(cls) for cls in registry])
