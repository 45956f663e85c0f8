"""Columns give what the codec gives, message by message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.codec import decode_body, encode_body
from pumpbench.protocol.columns import columns_of, dtype_of, items_of
from pumpbench.protocol.layout import Registry, layout_of
from pumpbench.protocol.messages import REGISTRY
from tests.protocol.samples import SAMPLES, Bytes, Empty, Every, Grown, Part, Steps, messages_of

CLASSES = [*SAMPLES, *REGISTRY]


@pytest.mark.parametrize("cls", [*CLASSES, Part], ids=lambda cls: cls.__name__)
def test_column_type_is_packed_as_the_wire_is(cls: type) -> None:
    layout = layout_of(cls)
    kind = dtype_of(layout)
    assert kind.itemsize == layout.size
    assert [kind.fields[f.name][1] for f in layout.fields] == [f.offset for f in layout.fields]  # type: ignore[index]


@given(st.data(), st.sampled_from([c for c in CLASSES if layout_of(c).fields]))
def test_columns_hold_what_the_codec_decodes(data: st.DataObject, cls: type) -> None:
    messages = data.draw(st.lists(messages_of(cls), max_size=5))
    columns = columns_of(layout_of(cls), [encode_body(one) for one in messages])
    for field in layout_of(cls).fields:
        assert columns[field.name].tolist() == [getattr(one, field.name) for one in messages]


@given(st.lists(st.sampled_from([1, 7, 15, 16, 20]), max_size=6))
def test_columns_fill_historic_bodies_and_cut_longer_ones(sizes: list[int]) -> None:
    bodies = [bytes([9]) + (b"\1\0\0\0\2\0" + b"\3" + bytes(7) + b"\xee" * 9)[: size - 1] for size in sizes]
    columns = columns_of(layout_of(Grown), bodies)
    expected: list[Any] = [decode_body(Grown, body) for body in bodies]
    assert [tuple(row) for row in columns.tolist()] == [tuple(one) for one in expected]


@given(st.data(), st.sampled_from([c for c in CLASSES if layout_of(c).tail]))
def test_items_hold_what_the_codec_decodes(data: st.DataObject, cls: type) -> None:
    tail = layout_of(cls).tail
    assert tail is not None
    messages = data.draw(st.lists(messages_of(cls), max_size=4))
    rows, items = items_of(layout_of(cls), [encode_body(one) for one in messages])
    expected = [(row, one) for row, m in enumerate(messages) for one in getattr(m, tail.name)]
    assert rows.tolist() == [row for row, _ in expected]
    assert items.tolist() == [one if tail.item is None else tuple(one) for _, one in expected]


def test_items_that_grew_are_cut_and_older_ones_filled() -> None:
    old = bytes.fromhex("00 0100 06 0100 02000000")
    new = bytes.fromhex("00 0200 08 0300 04000000 05 ee 0600 07000000 08 ee")
    rows, items = items_of(layout_of(Steps), [old, new])
    assert rows.tolist() == [0, 1, 1]
    assert items.tolist() == [(1, 2, 0), (3, 4, 5), (6, 7, 8)]


def test_items_of_grown_bytes_are_their_first_bytes() -> None:
    rows, items = items_of(layout_of(Bytes), [bytes.fromhex("00000000 0200 02 11ee22ee")])
    assert (rows.tolist(), items.tolist()) == ([0, 0], [0x11, 0x22])


@pytest.mark.parametrize("cls", [Every, Empty])
def test_items_of_a_message_without_tail_are_refused(cls: type) -> None:
    with pytest.raises(ValueError, match="has no tail"):
        items_of(layout_of(cls), [])


def test_columns_of_nothing_are_empty() -> None:
    assert [len(columns_of(layout_of(cls), [])) for cls in Registry(Every, Grown)] == [0, 0]
