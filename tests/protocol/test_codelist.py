"""Code lists: names and values both ways, unknown values kept, doubles refused."""

import pytest

from pumpbench.protocol.layout import Bits, Codes
from tests.protocol.samples import Colour


class Flag(Bits):
    """Flags."""

    LEFT = 1
    RIGHT = 2
    UP = 8


def make(name: str, base: type, **members: object) -> None:
    """Declares a list as its class body would."""
    type(base)(name, (base,), members)


def test_codes_are_plain_integers() -> None:
    assert Colour.BLUE == 4
    assert type(Colour.BLUE) is int


def test_codes_name_a_value_and_keep_an_unknown_one() -> None:
    assert [Colour.name_of(v) for v in (0, 4, 9)] == ["red", "blue", "unknown(9)"]


def test_codes_value_is_found_by_name_in_any_case() -> None:
    assert Colour.value_of("GREEN") == Colour.value_of("green") == 1


def test_codes_refuse_an_unknown_name_and_list_the_known() -> None:
    with pytest.raises(ValueError, match=r"Colour: 'grey' is not known; expected one of red, green, blue"):
        Colour.value_of("grey")


def test_codes_keep_declared_order() -> None:
    assert Colour.items() == (("red", 0), ("green", 1), ("blue", 4))


def test_codes_read_a_bit_set_by_bit_number() -> None:
    assert Colour.names_in(0b10001) == ["red", "blue"]
    assert Colour.names_in(0b100010) == ["green", "unknown(0x20)"]
    assert Colour.bit_of(Colour.BLUE) == 16


def test_bits_read_a_bit_set_by_mask() -> None:
    assert Flag.names_in(9) == ["left", "up"]
    assert Flag.names_in(0) == []
    assert Flag.bit_of(Flag.UP) == 8


def test_codes_refuse_a_value_given_twice() -> None:
    with pytest.raises(ValueError, match=r"Twice.B = 1 repeats A"):
        make("Twice", Codes, A=1, B=1)


def test_codes_refuse_a_name_given_twice() -> None:
    with pytest.raises(ValueError, match=r"Again.A is declared twice"):

        class Again(Codes):
            A = 1
            A = 2  # noqa: PIE794


@pytest.mark.parametrize("value", [-1, "x", 1.5, True])
def test_codes_refuse_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ValueError, match="expected a whole number"):
        make("Odd", Codes, A=value)


def test_bits_refuse_a_value_of_two_bits() -> None:
    with pytest.raises(ValueError, match="exactly one bit"):
        make("Odd", Bits, A=3)
