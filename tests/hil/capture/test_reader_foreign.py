"""Captures in spellings the writer never uses: big-endian, other clocks, more options, other blocks, more sections."""

import io
import struct

import pytest

from pumpbench.hil.capture import Damage, Record, read_stream
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND
from tests.hil.capture.making import block, interface, option, packet, section

META, LINE = 148, 147
T_NS = 1_700_000_000_123_456_000


def given(*blocks: bytes) -> list[Record | Damage]:
    """What a reader gives of these blocks."""
    return list(read_stream(io.BytesIO(b"".join(blocks))))


def flags(sign: str, value: int) -> bytes:
    """The option that tells a packet's direction."""
    return option(sign, 2, struct.pack(f"{sign}I", value))


@pytest.mark.parametrize("sign", ["<", ">"])
def test_reader_takes_either_byte_order(sign: str) -> None:
    found = given(
        section(sign),
        interface(sign, META, option(sign, 2, b"meta"), option(sign, 9, b"\x09")),
        interface(sign, LINE, option(sign, 2, b"link0"), option(sign, 9, b"\x09")),
        packet(sign, 0, T_NS, b"{}"),
        packet(sign, 1, T_NS + 1, b"abcde", flags(sign, 1), option(sign, 0, b"")),
        packet(sign, 1, T_NS + 2, b"", flags(sign, 2)),
    )
    assert [item[:5] for item in found] == [
        ("meta", NEITHER, T_NS, b"{}", True),
        ("link0", INBOUND, T_NS + 1, b"abcde", False),
        ("link0", OUTBOUND, T_NS + 2, b"", False),
    ]


@pytest.mark.parametrize(
    ("options", "units", "t_ns"),
    [
        ([], T_NS // 1000, T_NS),  # microseconds where nothing is said
        ([option("<", 9, b"\x06")], T_NS // 1000, T_NS),
        ([option("<", 9, b"\x03")], T_NS // 1_000_000, T_NS // 1_000_000 * 1_000_000),
        ([option("<", 9, b"\x0c")], 5_000_999, 5_000),
        ([option("<", 9, b"\x8a")], 3 << 9, 1_500_000_000),  # 2^-10 s
        ([option("<", 9, b"\x09"), option("<", 14, struct.pack("<q", 10))], 7, 10_000_000_007),
        ([option("<", 9, b"")], 1, 1000),
        ([option("<", 9, b"\x09"), option("<", 14, b"odd")], 7, 7),
    ],
)
def test_reader_gives_nanoseconds_whatever_clock_the_file_has(options: list[bytes], units: int, t_ns: int) -> None:
    found = given(section("<"), interface("<", LINE, *options), packet("<", 0, units, b"x", flags("<", 1)))
    assert [item[2] for item in found] == [t_ns]


def test_reader_passes_over_options_and_blocks_it_does_not_need() -> None:
    comment = option("<", 1, b"a remark of whoever edited this")
    found = given(
        section("<"),
        block("<", 4, b"names" * 3),
        interface("<", LINE, comment, option("<", 2, b"link0"), option("<", 9, b"\x09"), option("<", 0, b"")),
        block("<", 0x0BAD, b"custom"),
        packet("<", 0, T_NS, b"abc", comment, flags("<", 2), comment, option("<", 0, b"")),
        block("<", 5, b"statistics.."),
    )
    assert [item[:4] for item in found] == [("link0", OUTBOUND, T_NS, b"abc")]


def test_reader_starts_interfaces_anew_at_each_section() -> None:
    part = section("<"), interface("<", LINE, option("<", 2, b"a")), packet("<", 0, 1, b"1")
    other = section(">"), interface(">", LINE, option(">", 2, b"b")), packet(">", 0, 2, b"2")
    assert [item[0] for item in given(*part, *other, *part)] == ["a", "b", "a"]
    missing = given(*part, section("<"), packet("<", 0, 3, b"3"))[-1]
    assert isinstance(missing, Damage)
    assert "declared before it" in missing.expected


def test_reader_names_an_interface_that_has_no_name() -> None:
    found = given(section("<"), interface("<", LINE), interface("<", LINE), packet("<", 1, 1, b"x"))
    assert [item[0] for item in found] == ["interface 1"]


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (block("<", 6, b"short"), "packet block with 8 bytes"),
        (block("<", 1, b"abcd"), "interface block with 4 bytes"),
        (block("<", 6, struct.pack("<5I", 0, 0, 0, 100, 100)), "room for 0"),
        (block("<", 6, struct.pack("<5I", 9, 0, 0, 0, 0)), "interface 9"),
        (block("<", 6, bytes(20))[:-4] + struct.pack("<I", 36), "36 at its end"),
        (struct.pack("<III", 6, 13, 13), "block length 13"),
        (block("<", 0x0A0D0D0A, b"\0" * 16), "byte-order magic"),
        (b"\x06\0\0", "3 bytes into a block"),
    ],
)
def test_reader_names_the_damage_and_stops_there(bad: bytes, what: str) -> None:
    head = section("<"), interface("<", LINE), packet("<", 0, 1, b"good")
    found = given(*head, bad, packet("<", 0, 2, b"never reached"))[:2]
    assert isinstance(found[0], Record)
    torn = given(*head, bad)[1] if len(bad) < 12 else found[1]
    assert isinstance(torn, Damage)
    assert what in torn.what
    assert torn.offset == len(b"".join(head))
    assert "\n" not in str(torn)
