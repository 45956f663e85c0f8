"""Draws wires from a seed, the same one for the same seed for ever; it runs nothing."""

import random
from typing import Final

from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.wire.fault import KINDS, Fault, Wire

FRAMES: Final = 400
"""Faults are placed among so many first frames of each direction."""
ONE_IN: Final = 8
FRAMES_HELD_MAX: Final = 6
BITS_MAX: Final = 8 * 256


def generate(seed: int, frames: int = FRAMES, one_in: int = ONE_IN) -> Wire:
    """A wire on which one frame in `one_in` meets a fault of a kind drawn anew."""
    chance = random.Random(f"wire:{seed}")
    places = [(index, direction) for index in range(frames) for direction in (OUTBOUND, INBOUND)]
    return Wire(tuple(_fault(chance, direction, index) for index, direction in places if chance.randrange(one_in) == 0))


def _fault(chance: random.Random, direction: int, index: int) -> Fault:
    return Fault(
        kind=chance.choice(KINDS),
        direction=OUTBOUND if direction == OUTBOUND else INBOUND,
        frame_index=index,
        copies=chance.randint(1, 2),
        frames=chance.randint(0, FRAMES_HELD_MAX),
        byte=chance.randrange(64),
        bit=chance.randrange(BITS_MAX),
        percent=chance.choice((50, 83, 90, 110, 120, 200)),
    )
