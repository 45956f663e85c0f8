"""State parts: canonical bytes, clones that share nothing, ranges checked when asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol import reference
from pumpbench.protocol.layout import LayoutError, RangeError, State, layout_of, state_class_of
from tests.protocol.samples import Part


def parts() -> st.SearchStrategy[Part]:
    """Any part whose fields lie in their ranges."""
    return st.builds(
        Part,
        tick=st.integers(0, 2**64 - 1),
        level=st.integers(2, 9),
        below=st.integers(-7, 7),
        hours_ng=st.lists(st.integers(0, 1000), min_size=3, max_size=3),
        words=st.binary(min_size=8, max_size=8).map(bytearray),
    )


def values_of(part: Part) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in layout_of(Part)}


def test_state_starts_at_its_declared_defaults() -> None:
    assert values_of(Part()) == {"tick": 0, "level": 4, "below": 0, "hours_ng": [7, 7, 7], "words": bytearray(8)}


def test_state_bytes_are_little_endian_in_declared_order_without_padding() -> None:
    part = Part(tick=0x0807060504030201, level=9, below=-2, hours_ng=[1, 2, 3], words=bytearray(b"abcdefgh"))
    assert (
        part.to_bytes().hex(" ") == "01 02 03 04 05 06 07 08 09 fe ff 01 00 00 00 02 00 00 00 03 00 00 00 61 62 63 64 65 66 67 68"
    )


@given(parts())
def test_state_comes_back_from_its_bytes(part: Part) -> None:
    again = Part.from_bytes(part.to_bytes())
    assert again == part
    assert values_of(again) == values_of(part)


@given(parts())
def test_state_bytes_agree_with_the_reference(part: Part) -> None:
    values = values_of(part) | {"words": bytes(part.words)}
    assert reference.encode(layout_of(Part), values) == part.to_bytes()


@given(parts(), st.integers(0, 2), st.integers(0, 7))
def test_clone_shares_nothing(part: Part, hour: int, word: int) -> None:
    before = part.to_bytes()
    clone = part.clone()
    assert clone == part
    clone.hours_ng[hour] += 1
    clone.words[word] ^= 0xFF
    clone.tick ^= 1
    assert part.to_bytes() == before
    assert clone != part


@given(parts(), parts())
def test_states_are_equal_where_their_bytes_are(one: Part, two: Part) -> None:
    assert (one == two) == (one.to_bytes() == two.to_bytes())


@given(parts())
def test_state_in_range_passes_its_check(part: Part) -> None:
    part.check()
    assert Part.from_bytes(part.to_bytes()) == part


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("level", 1, "part.level: 1 is outside 2..9"),
        ("level", 10, "part.level: 10 is outside 2..9"),
        ("below", -8, "part.below: -8 is outside -7..7"),
        ("tick", 2**64, f"part.tick: {2**64} is outside 0..{2**64 - 1} tick"),
        ("tick", -1, f"part.tick: -1 is outside 0..{2**64 - 1} tick"),
        ("tick", 1.0, f"part.tick: 1.0 is no whole number; expected 0..{2**64 - 1} tick"),
        ("hours_ng", [0, 0, 1001], "part.hours_ng[2]: 1001 is outside 0..1000 ng"),
        ("hours_ng", [0, 0], "part.hours_ng: list of 2; expected list of 3"),
        ("words", bytes(8), "part.words: bytes of 8; expected bytearray of 8"),
        ("words", bytearray(9), "part.words: bytearray of 9; expected bytearray of 8"),
    ],
)
def test_state_check_names_the_field(name: str, value: Any, says: str) -> None:
    part = Part()
    setattr(part, name, value)
    with pytest.raises(RangeError) as refusal:
        part.check()
    assert str(refusal.value) == says


@pytest.mark.parametrize("size", [0, 30, 32])
def test_state_refuses_bytes_of_another_size(size: int) -> None:
    with pytest.raises(ValueError, match=rf"part: {size} bytes; expected 31"):
        Part.from_bytes(bytes(size))


def test_state_has_no_place_for_an_undeclared_name() -> None:
    with pytest.raises(AttributeError):
        Part().tik = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        Part(tik=1)


def test_state_that_is_not_declared_says_so() -> None:
    class Bare(State):
        """Without its decorator."""

    with pytest.raises(LayoutError, match="Bare is not declared"):
        Bare()


def test_state_is_no_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Part())


@given(parts())
def test_state_class_from_a_layout_alone_reads_the_same_bytes(part: Part) -> None:
    again = state_class_of(layout_of(Part)).from_bytes(part.to_bytes())
    assert again.to_bytes() == part.to_bytes()
    assert repr(again) == repr(part)
