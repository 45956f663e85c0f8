"""The laws of canonical JSON: equal objects are equal bytes, and nothing is lost on the way back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.capture import canonical, wide

texts = st.text(st.characters(codec="utf-8"))
exact = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | exact | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


@given(values)
def test_canonical_reads_back_as_what_it_was(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(texts, values))
def test_canonical_is_the_same_in_whatever_order_keys_came(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), exact | st.booleans()))
def test_canonical_holds_no_space_when_the_text_has_none(value: dict[str, Any]) -> None:
    assert not set(canonical(value)) & set(b" \n\t")


@given(st.integers())
def test_integer_reads_back_by_int_in_whatever_spelling(value: int) -> None:
    found = json.loads(canonical({"n": value}))["n"]
    assert int(found) == value
    assert isinstance(found, str) == (abs(value) >= 2**53)
    assert json.loads(canonical(wide(value))) == str(value)


def test_canonical_sorts_by_code_point_and_spells_text_in_utf8() -> None:
    assert canonical({"b": 1, "a": "µ", "B": None}) == b'{"B":null,"a":"\xc2\xb5","b":1}'


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"rate": 1.5}, r"record\.rate: float"),
        ({"list": [0, {"x": b"\0"}]}, r"record\.list\[1\]\.x: bytes"),
        ({"set": {1}}, r"record\.set: set"),
        ({1: "x"}, r"key 1 is int"),
        ({"bad": "\ud800"}, r"record\.bad: text"),
        ({"\ud800": 1}, r"record: text"),
    ],
)
def test_canonical_names_the_place_when_it_refuses(value: Any, place: str) -> None:
    with pytest.raises(ValueError, match=place) as told:
        canonical(value)
    assert "\n" not in str(told.value)
