"""The CRC against its published check value, its residue, and a bitwise reading of its polynomial."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.protocol.crc import CHECK, GOOD, RESIDUE, crc32c, crc_build, residue
from tests.protocol.corpus import slow_crc32c


def test_crc_gives_the_published_check_value() -> None:
    assert crc32c(b"123456789") == CHECK == 0xE3069283 == slow_crc32c(b"123456789")


@given(st.binary(max_size=300))
def test_crc_agrees_with_the_polynomial_on_any_bytes(data: bytes) -> None:
    assert crc32c(data) == slow_crc32c(data)


@given(st.binary(max_size=300))
def test_crc_residue_is_constant_when_the_crc_follows(data: bytes) -> None:
    closed = data + crc32c(data).to_bytes(4, "little")
    assert crc32c(closed) == RESIDUE == 0x48674BC7
    assert residue(closed) == GOOD


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_crc_goes_on_from_an_earlier_result(first: bytes, second: bytes) -> None:
    assert crc32c(second, crc32c(first)) == crc32c(first + second)


def test_crc_build_is_named() -> None:
    assert crc_build() in ("extension", "python")
