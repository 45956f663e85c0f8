"""What a declaration may not say, refused at import in one line that names class and field."""

from collections.abc import Callable
from typing import Any

import pytest

from pumpbench.protocol.layout import (
    MEASURED,
    THERAPY,
    U8,
    U16,
    U32,
    Codes,
    LayoutError,
    Registry,
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
from tests.protocol.samples import Bytes, Colour, Empty, Every, Step


def bare(**body: Any) -> type:
    """A class body as text would give it: `name=(annotation, value)`."""
    annotations = {name: pair[0] for name, pair in body.items() if pair[0] is not None}
    values = {name: pair[1] for name, pair in body.items() if pair[1] is not None}
    return type("Odd", (), {"__annotations__": annotations, **values})


AS_REQUEST = message(9, kind="request")
AS_STATE = state("odd")
LATE = field(since=2, default=0)

BODIES: list[tuple[str, Callable[[type], type], type, str]] = [
    ("annotation missing", AS_REQUEST, bare(a=(None, field())), r"Odd.a: untyped field; write `a: U32"),
    ("plain int", AS_REQUEST, bare(a=(int, field())), r"Odd.a: untyped field .*expected U8..U64"),
    ("plain value", AS_REQUEST, bare(a=(U8, 3)), r"Odd.a = 3: write `= field\(default"),
    ("after the tail", AS_REQUEST, bare(d=(bytes, tail_bytes(max_count=3)), a=(U8, field())), r"Odd.a: field after the tail 'd'"),
    ("falling since", AS_REQUEST, bare(a=(U8, field(since=2, default=0)), b=(U8, field())), r"Odd.b: `since` falls from 2 to 1"),
    ("late without default", AS_REQUEST, bare(a=(U8, field(since=2))), r"Odd.a: late field \(since=2\) with default None"),
    ("late with default 1", AS_REQUEST, bare(a=(U8, field(since=2, default=1))), r"Odd.a: late field .*expected default=0"),
    ("late cannot be 0", AS_STATE, bare(a=(U8, field(since=2, default=0, lo=0)), b=(U8, field(since=2, lo=1))), r"Odd.b: "),
    ("range beyond width", AS_REQUEST, bare(a=(U8, field(hi=256))), r"Odd.a: range 0..256 does not fit the width's 0..255"),
    ("range upside down", AS_REQUEST, bare(a=(U8, field(lo=9, hi=8))), r"Odd.a: range 9..8"),
    ("negative in unsigned", AS_REQUEST, bare(a=(U8, field(lo=-1))), r"Odd.a: range -1..255"),
    ("default out of range", AS_REQUEST, bare(a=(U8, field(hi=3, default=4))), r"Odd.a: default 4 is outside 0..3"),
    ("state default out of range", AS_STATE, bare(a=(U8, field(lo=1))), r"Odd.a: default 0 is outside 1..255"),
    ("tolerance", AS_REQUEST, bare(a=(U8, field(tolerance=1, klass=THERAPY))), r"Odd.a: tolerance 1 on class 'therapy'"),
    ("codes and flags", AS_REQUEST, bare(a=(U8, field(codes=Colour, flags=Colour))), r"Odd.a: both codes and flags"),
    ("array in a message", AS_REQUEST, bare(a=(list[int], array(U8, 3))), r"Odd.a: array fields stand in state layouts only"),
    ("blob in a message", AS_REQUEST, bare(a=(bytearray, blob(3))), r"Odd.a: blob fields stand in state layouts only"),
    ("array of nothing", AS_STATE, bare(a=(list[int], array(U8, 0))), r"Odd.a: count 0"),
    ("array of no wire type", AS_STATE, bare(a=(list[int], array(int, 3))), r"Odd.a: untyped field"),
    ("tail in state", AS_STATE, bare(d=(bytes, tail_bytes(max_count=3))), r"Odd.d: state has no tail"),
    ("tail in an item", item, bare(a=(U8, field()), d=(bytes, tail_bytes(max_count=3))), r"Odd.d: an item has no tail"),
    ("empty item", item, bare(), r"Odd: an item starts with"),
    ("item of a late field", item, bare(a=(U8, field(since=2, default=0))), r"Odd: an item starts with"),
    ("tail of messages", AS_REQUEST, bare(d=(tuple, tail(Every, max_count=3))), r"Odd.d: Every is no @item"),
    ("tail of anything", AS_REQUEST, bare(d=(tuple, tail(int, max_count=3))), r"int is not declared"),
    ("tail of none", AS_REQUEST, bare(d=(bytes, tail_bytes(max_count=0))), r"Odd.d: max_count 0"),
    ("late before a tail", AS_REQUEST, bare(a=(U8, LATE), d=(bytes, tail_bytes(max_count=3))), r"Odd.a: late field before"),
    ("body of 236 bytes", AS_REQUEST, bare(d=(bytes, tail_bytes(max_count=233))), r"up to 236 bytes; .* holds 235"),
    ("reply of 224 bytes", message(9, kind="reply"), bare(d=(bytes, tail_bytes(max_count=221))), r"up to 224 bytes"),
    ("number 0", message(0, kind="request"), bare(), r"Odd: message number 0; expected 1..65535"),
    ("number 65536", message(65536, kind="request"), bare(), r"Odd: message number 65536"),
]  # fmt: skip


@pytest.mark.parametrize(("decorate", "cls", "says"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES])
def test_declaration_is_refused(decorate: Callable[[type], type], cls: type, says: str) -> None:
    with pytest.raises(LayoutError, match=says) as refusal:
        decorate(cls)
    assert "\n" not in str(refusal.value)


def test_largest_bodies_are_accepted() -> None:
    assert layout_of(AS_REQUEST(bare(d=(bytes, tail_bytes(max_count=232))))).size_max == 235
    assert layout_of(message(9, kind="reply")(bare(d=(bytes, tail_bytes(max_count=220))))).size_max == 223


def test_registry_refuses_a_number_that_is_taken() -> None:
    other: type = message(1, kind="request")(bare())
    with pytest.raises(LayoutError, match=r"Odd \(number 1\) repeats Every"):
        Registry(Every, other)


def test_registry_refuses_a_name_that_is_taken() -> None:
    with pytest.raises(LayoutError, match="repeats Odd"):
        Registry(message(10, kind="request")(bare()), message(11, kind="request")(bare()))


def test_registry_refuses_what_is_no_message() -> None:
    with pytest.raises(LayoutError, match="Step is no message"):
        Registry(Step)
    with pytest.raises(LayoutError, match="Colour is not declared"):
        Registry(Colour)


def test_registry_finds_by_number_and_name() -> None:
    registry = Registry(Every, Empty, Bytes)
    assert list(registry) == [Every, Empty, Bytes]
    assert registry.get(5) is registry.named("Empty") is Empty
    assert registry.get(77) is None
    assert 4 in registry
    assert len(registry) == 3
    with pytest.raises(KeyError, match="no message 'Nothing'; expected one of Every, Empty, Bytes"):
        registry.named("Nothing")


def test_layout_names_a_field_it_does_not_have() -> None:
    assert layout_of(Every).field("b_ms").unit == "ms"
    with pytest.raises(KeyError, match="Every has no field 'z'"):
        layout_of(Every).field("z")


class Unused(Codes):
    """Only here so that a list without members stays possible."""


def test_empty_code_list_names_nothing() -> None:
    assert Unused.items() == ()
    assert Unused.name_of(1) == "unknown(1)"


def test_measured_field_may_have_a_tolerance() -> None:
    made: type = message(9, kind="request")(bare(a=(U16, field(klass=MEASURED, tolerance=5)), b=(U32, field())))
    assert [f.tolerance for f in layout_of(made)] == [5, 0]
