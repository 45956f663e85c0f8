"""Knows how to pass time fast without passing anything by: one dense tick, then a coast, and again; it must not know any phase.

Law: `leap(n)` equals `n` ticks in state and in every stamped effect, whatever happened between ticks before it.
"""

from __future__ import annotations

from pumpbench.firmware_emu.coast import coast
from pumpbench.firmware_emu.machine import SEEN_STEP, Machine
from pumpbench.firmware_emu.tick import run_tick


def leap(machine: Machine, n: int, stop_mask: int) -> int:
    """Up to `n` ticks, ending after the first whose `seen` shows a bit of `stop_mask`; returns how many were run densely."""
    plant = machine.plant
    end_tick = plant.tick + n
    step_free = bool(stop_mask & SEEN_STEP)
    dense_ticks = 0
    while plant.tick < end_tick:
        run_tick(machine)
        dense_ticks += 1
        if machine.seen & stop_mask:
            break
        coast(machine, end_tick - plant.tick, step_free)
    return dense_ticks
