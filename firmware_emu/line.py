"""Knows how drug moves through tubing and catheter, parcel by parcel; it must not know what moves it.

Section 12, point 6 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.protocol.limits import LINE_PARCELS, PPM


def shift_line(line: list[int], entering_ng_per_ml: int, mix_ppm: int) -> None:
    """One parcel enters at the pump and one leaves at the tip; then neighbours exchange, pair by pair from the pump.

    Law: apart from what enters and leaves, the sum over the line stays.
    """
    line.insert(0, entering_ng_per_ml)
    line.pop()
    if is_uniform(line):
        return
    for i in range(LINE_PARCELS - 1):
        first, second = line[i], line[i + 1]
        if first > second:
            moved = div_floor((first - second) * mix_ppm, 2 * PPM)
            line[i], line[i + 1] = first - moved, second + moved
        elif second > first:
            moved = div_floor((second - first) * mix_ppm, 2 * PPM)
            line[i], line[i + 1] = first + moved, second - moved


def is_uniform(line: list[int]) -> bool:
    """A fixed point of every exchange."""
    return line.count(line[0]) == LINE_PARCELS
