"""Every 1- and 2-bit error on the wire of every golden frame is rejected; no distance is claimed beyond that."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from pumpbench.protocol.decoder import Reader, reader
from pumpbench.protocol.frame import Frame
from tests.protocol.corpus import good_frames, named
from tests.support import effort, rng

PAIRS_GATE = 400


def flipped(wire: bytes, *bits: int) -> bytes:
    changed = bytearray(wire)
    for bit in bits:
        changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


def accepted(read: Reader, wire: bytes) -> list[bytes]:
    """Good frames between the zero bytes of `wire`; its end counts as one."""
    return [run for run in wire.split(b"\0") if run and isinstance(read(run), Frame)]


def pairs(case: dict[str, Any], bits: int) -> Iterator[tuple[int, int]]:
    """All pairs of bits in the soak, a seeded sample of them in the gate."""
    if effort(0, 1):
        yield from combinations(range(bits), 2)
        return
    draw = rng(f"pairs of {case['name']}")
    for _ in range(PAIRS_GATE):
        one, two = draw.sample(range(bits), 2)
        yield one, two


@pytest.mark.parametrize("case", good_frames(), ids=named)
def test_one_flipped_wire_bit_is_rejected(case: dict[str, Any]) -> None:
    wire, read = bytes.fromhex(case["wire"]), reader(case["from_device"])
    assert accepted(read, wire)
    assert [bit for bit in range(8 * len(wire)) if accepted(read, flipped(wire, bit))] == []


@pytest.mark.parametrize("case", good_frames(), ids=named)
def test_two_flipped_wire_bits_are_rejected(case: dict[str, Any]) -> None:
    wire, read = bytes.fromhex(case["wire"]), reader(case["from_device"])
    assert [pair for pair in pairs(case, 8 * len(wire)) if accepted(read, flipped(wire, *pair))] == []
