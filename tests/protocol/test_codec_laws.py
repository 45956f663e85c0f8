"""The fast codec against the construct reference, on messages and on any bytes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pumpbench.protocol import reference
from pumpbench.protocol.codec import decode_body, encode_body
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.layout import Registry, layout_of
from pumpbench.protocol.messages import REGISTRY
from tests.protocol.samples import SAMPLES, Bytes, Floor, Grown, Step, Steps, any_message

ALL = Registry(*SAMPLES)
CLASSES = [*SAMPLES, *REGISTRY]


@given(st.one_of(any_message(SAMPLES), any_message(REGISTRY)))
def test_codec_encodes_what_the_reference_encodes(message: Any) -> None:
    layout = layout_of(type(message))
    assert encode_body(message) == reference.encode(layout, reference.values_of(layout, message))


@given(st.one_of(any_message(SAMPLES), any_message(REGISTRY)))
def test_codec_gives_back_what_it_encoded(message: Any) -> None:
    assert decode_body(type(message), encode_body(message)) == message


def agree(cls: type, body: bytes) -> Any:
    """Decodes both ways; fails unless they agree; gives the fast codec's result."""
    fast, slow = decode_body(cls, body), reference.decode(layout_of(cls), body)
    if isinstance(fast, int):
        assert fast == slow, f"{cls.__name__} {body.hex()}: codec {WireFault.name_of(fast)}, reference {slow}"
    else:
        assert reference.values_of(layout_of(cls), fast) == slow
    return fast


@given(st.sampled_from(CLASSES), st.binary(max_size=235))
def test_codec_and_reference_agree_on_any_bytes(cls: type, body: bytes) -> None:
    agree(cls, body)


@given(st.data(), st.sampled_from(CLASSES))
def test_codec_and_reference_agree_on_bodies_that_were_cut_grown_or_changed(data: st.DataObject, cls: type) -> None:
    body = bytearray(encode_body(data.draw(any_message(Registry(cls)))))
    for at in data.draw(st.lists(st.integers(0, max(0, len(body) - 1)), max_size=3)):
        if body:
            body[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    agree(cls, bytes(body[:cut]) if data.draw(st.booleans()) else bytes(body) + data.draw(st.binary(max_size=9)))


@given(st.integers(0, 1), st.integers(0, 7), st.integers(0, 12), st.binary(max_size=80))
@example(1, 1, 6, bytes(5))
@example(1, 6, 7, bytes(42))
@example(0, 0, 0, b"")
@example(0, 3, 0, b"")
def test_codec_and_reference_agree_on_any_tail(index: int, count: int, item_bytes: int, rest: bytes) -> None:
    agree(Steps, bytes([index]) + count.to_bytes(2, "little") + bytes([item_bytes]) + rest)
    agree(Bytes, bytes(4) + count.to_bytes(2, "little") + bytes([item_bytes]) + rest)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("07", Grown(first=7)),
        ("07 01000000 0300", Grown(first=7, second=1, third=3)),
        ("07 01000000 0300 0900000000000000", Grown(first=7, second=1, third=3, fourth=9)),
        ("07 01000000 0300 0900000000000000 ffff", Grown(first=7, second=1, third=3, fourth=9)),
        ("", WireFault.LENGTH),
        ("07 01", WireFault.LENGTH),
        ("07 01000000", WireFault.LENGTH),
        ("07 01000000 0300 09000000", WireFault.LENGTH),
        ("07 01000000 e903", WireFault.RANGE),
    ],
)
def test_grown_message_is_read_at_its_historic_lengths_only(body: str, expected: Any) -> None:
    assert agree(Grown, bytes.fromhex(body)) == expected


@pytest.mark.parametrize(("body", "expected"), [("02", WireFault.RANGE), ("03", Floor(value=3)), ("ff", Floor(value=255))])
def test_range_narrowed_from_below_is_checked(body: str, expected: Any) -> None:
    assert agree(Floor, bytes.fromhex(body)) == expected


STEP = Step(at_minute=1, dose_ng=2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("00 0000 07", Steps(index=0, steps=())),
        ("00 0000 06", Steps(index=0, steps=())),
        ("00 0000 ff", Steps(index=0, steps=())),
        ("00 0100 06 0100 02000000", Steps(index=0, steps=(STEP,))),
        ("00 0100 07 0100 02000000 09", Steps(index=0, steps=(Step(at_minute=1, dose_ng=2, late_ms=9),))),
        ("00 0100 09 0100 02000000 09 eeee", Steps(index=0, steps=(Step(at_minute=1, dose_ng=2, late_ms=9),))),
        ("00 0100 06 0100 02000000 eeee", Steps(index=0, steps=(STEP,))),
        ("00 0000 00", WireFault.LENGTH),
        ("00 0000 05", WireFault.LENGTH),
        ("00 0000", WireFault.LENGTH),
        ("00 0100 06 0100 020000", WireFault.LENGTH),
        ("02 0000 07", WireFault.RANGE),
        ("00 0100 06 0000 02000000", WireFault.RANGE),
        ("00 0600 06" + "0100 02000000" * 6, WireFault.RANGE),
        ("02 0100 06 0000 020000", WireFault.LENGTH),
    ],
)
def test_tail_items_grow_like_messages(body: str, expected: Any) -> None:
    assert agree(Steps, bytes.fromhex(body)) == expected


@given(st.sampled_from(CLASSES), st.binary(max_size=235))
def test_annotation_covers_every_byte_once(cls: type, body: bytes) -> None:
    spans = reference.annotate(layout_of(cls), body)
    assert b"".join(span.data for span in spans) == body
    assert [span.offset for span in spans] == [sum(len(s.data) for s in spans[:i]) for i in range(len(spans))]


def test_annotation_names_value_unit_and_code() -> None:
    spans = reference.annotate(layout_of(Steps), bytes.fromhex("01 0100 07 0100 02000000 09 ee"))
    assert [(s.offset, s.data.hex(), s.name, s.value, s.unit) for s in spans] == [
        (0, "01", "index", 1, "index"),
        (1, "0100", "steps_count", 1, "count"),
        (3, "07", "steps_item_bytes", 7, "bytes"),
        (4, "0100", "steps[0].at_minute", 1, "min"),
        (6, "02000000", "steps[0].dose_ng", 2, "ng"),
        (10, "09", "steps[0].late_ms", 9, "ms"),
        (11, "ee", "", None, ""),
    ]
    opened = reference.annotate(layout_of(REGISTRY.named("Open")), bytes.fromhex("01000000 02 03000000"))
    assert [s.meaning for s in opened] == ["", "patient", ""]
