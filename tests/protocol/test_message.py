"""Messages as values: immutable, checked when made, equal only within their class; layouts survive JSON."""

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given

from pumpbench.protocol.layout import (
    RangeError,
    Registry,
    class_of,
    layout_from_dict,
    layout_of,
    layout_to_dict,
    message,
    replace,
    schema_id,
)
from pumpbench.protocol.messages import REGISTRY
from tests.protocol.samples import SAMPLES, Bytes, Empty, Every, Grown, Step, Steps, any_message

SOME: dict[str, Any] = {"a": 1, "b_ms": 5, "c": 0, "d_tick": 9, "e": -1, "f": 0, "g_mv": -4, "h": 0}
STEP = Step(at_minute=3, dose_ng=4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"b_ms": 4}, "Every.b_ms: 4 is outside 5..900 ms"),
        ({"b_ms": 901}, "Every.b_ms: 901 is outside 5..900 ms"),
        ({"a": 256}, "Every.a: 256 is outside 0..255"),
        ({"f": -6}, "Every.f: -6 is outside -5..5"),
        ({"d_tick": 2**64}, f"Every.d_tick: {2**64} is outside 0..{2**64 - 1} tick"),
        ({"c": 1.0}, "Every.c: 1.0 is no whole number; expected 0..4294967295"),
        ({"c": "1"}, "Every.c: '1' is no whole number; expected 0..4294967295"),
        ({"c": None}, "Every.c: None is no whole number; expected 0..4294967295"),
    ],
)
def test_message_names_the_field_out_of_range(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError) as refusal:
        Every(**{**SOME, **change})
    assert str(refusal.value) == says


@pytest.mark.parametrize(
    ("steps", "ok"), [((), True), ((STEP,) * 5, True), ((STEP,) * 6, False), ([STEP], False), ((1,), False), (b"", False)]
)
def test_tail_takes_a_tuple_of_its_items_up_to_its_count(steps: Any, ok: bool) -> None:
    if ok:
        assert Steps(index=0, steps=steps).steps == steps
    else:
        with pytest.raises(RangeError, match=r"Steps.steps: .*; expected a tuple of Step, 0..5 of them"):
            Steps(index=0, steps=steps)


@pytest.mark.parametrize("data", [bytes(201), bytearray(3), "abc", (1, 2)])
def test_tail_of_bytes_refuses_what_does_not_fit(data: Any) -> None:
    with pytest.raises(RangeError, match=r"Bytes.data: .*; expected bytes, 0..200 of them"):
        Bytes(offset_bytes=0, data=data)


def test_message_takes_keywords_only_and_all_of_them() -> None:
    with pytest.raises(TypeError):
        Every(1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Every(a=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Every(**SOME, z=1)  # type: ignore[call-arg]


def test_message_cannot_be_changed() -> None:
    made = Every(**SOME)
    for name in ("c", "new"):
        with pytest.raises(AttributeError):
            setattr(made, name, 1)
    assert made == Every(**SOME)


def test_late_field_may_be_left_out() -> None:
    assert Grown(first=1) == Grown(first=1, second=0, third=0, fourth=0)


def test_replace_checks_again() -> None:
    made = Every(**SOME)
    assert replace(made, c=7).c == 7
    assert made.c == 0
    with pytest.raises(RangeError, match="Every.b_ms"):
        replace(made, b_ms=0)


def test_message_equals_only_its_own_class() -> None:
    @message(77, kind="request")
    class Twin:
        """As empty as Empty."""

    others: list[object] = [Twin(), ()]
    assert Empty() == Empty()
    assert [Empty() == other for other in others] == [False, False]
    assert [Empty() != other for other in others] == [True, True]
    assert Every(**SOME) != Every(**{**SOME, "c": 1})
    assert not Empty() != Empty()
    assert len({Empty(), Empty()}) == 1


@given(any_message(SAMPLES))
def test_message_survives_copy_and_pickle(one: Any) -> None:
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one


@given(any_message(REGISTRY))
def test_message_is_made_again_from_its_own_fields(one: Any) -> None:
    assert replace(one) == one
    assert repr(one).startswith(f"{type(one).__name__}(")


@pytest.mark.parametrize("cls", [*SAMPLES, *REGISTRY], ids=lambda cls: cls.__name__)
def test_layout_survives_json(cls: type) -> None:
    layout = layout_of(cls)
    assert layout_from_dict(json.loads(json.dumps(layout_to_dict(layout)))) == layout


def test_layout_keeps_64_bit_numbers_as_text() -> None:
    shown = layout_to_dict(layout_of(Every))["fields"][3]
    assert (shown["name"], shown["hi"]) == ("d_tick", str(2**64 - 1))


@pytest.mark.parametrize("data", [{}, {"fields": 3}, {"fields": [{}], "tail": None}, {"fields": [], "tail": None, "odd": 1}])
def test_broken_layout_table_is_refused_in_one_line(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="field table of") as refusal:
        layout_from_dict(data)
    assert "\n" not in str(refusal.value)


@given(any_message(SAMPLES))
def test_class_from_a_layout_alone_holds_the_same_values(one: Any) -> None:
    again = class_of(layout_from_dict(layout_to_dict(layout_of(type(one)))))
    assert tuple(again._make(tuple(one))) == tuple(one)  # type: ignore[attr-defined]
    assert layout_of(again) == layout_of(type(one))


def test_layout_knows_its_sizes_at_each_revision() -> None:
    layout = layout_of(Grown)
    assert layout.revisions == (1, 2, 4)
    assert [layout.size_at(n) for n in (1, 2, 3, 4)] == [1, 7, 7, 15]
    assert [f.offset for f in layout] == [0, 1, 5, 7]


def _changed(path: list[Any], value: Any) -> int:
    data: Any = layout_to_dict(layout_of(Every))
    place = data
    for step in path[:-1]:
        place = place[step]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return schema_id([layout_from_dict(data)])


@pytest.mark.parametrize(
    ("path", "value", "differs"),
    [
        (["fields", 1, "hi"], "899", True),
        (["fields", 1, "name"], "z_ms", True),
        (["fields", 2, "code"], "B", True),
        (["fields", 2, "default"], "0", True),
        (["fields", 0, "codes", "members", 2, 1], "5", True),
        (["number"], 7, True),
        (["doc"], "other words", False),
        (["fields", 2, "doc"], "other words", False),
        (["fields", 6, "tolerance"], 4, False),
        (["fields", 2, "klass"], "identity", False),
    ],
)
def test_schema_id_follows_what_decides_the_bytes(path: list[Any], value: Any, differs: bool) -> None:
    assert (_changed(path, value) != schema_id([layout_of(Every)])) == differs


def test_schema_id_follows_the_order() -> None:
    both = [layout_of(Every), layout_of(Grown)]
    assert schema_id(both) != schema_id(both[::-1])


@pytest.mark.parametrize("cls", list(REGISTRY), ids=lambda cls: cls.__name__)
def test_request_names_a_reply_that_exists(cls: type) -> None:
    layout = layout_of(cls)
    assert (layout.replies is None) == (layout.kind != "request")
    if layout.replies is not None:
        answer = REGISTRY.get(layout.replies)
        assert answer is not None
        assert layout_of(answer).kind == "reply"


def test_registry_starts_empty() -> None:
    assert list(Registry()) == []
