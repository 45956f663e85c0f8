"""Knows how far a whole pump's plant vouches for its rotor and its supply; it must not change that pump.

Section 13.1 of SEMANTICS.md, FOLLOW.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.firmware_emu.plant import bound_nc
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol.codes import ResetCause, RotorFault, StopMask
from pumpbench.protocol.limits import TICKS_PER_DAY

RESET: Final = StopMask.bit_of(StopMask.RESET)


def vouched_until(pump: Pump, target_tick: int) -> int:
    """The last tick to which the rotor turns at every step and the supply holds; the present one: not even for a tick.

    A supply that breaks down in the last tick is felt in the next, so that tick may still be run.
    """
    plant = pump.plant
    if plant.magnetic_field or plant.field_lag_remaining_ticks or plant.rotor_fault != RotorFault.NONE or plant.dead:
        return plant.tick
    if _is_charged(pump, target_tick - plant.tick):
        return target_tick
    return _ahead(pump, target_tick)


def _is_charged(pump: Pump, ticks: int) -> bool:
    """Whether the supply holds whatever is asked of it; False may be wrong."""
    plant, config = pump.plant, pump.config
    most_nc = ticks * (config.idle_nc + config.step_nc + config.tone_nc + config.session_nc)
    grown = plant.clone()
    grown.resistance_mohm += plant.resistance_growth_mohm_per_day * (div_floor(ticks, TICKS_PER_DAY) + 1)
    return plant.charge_nc > most_nc + max(bound_nc(grown, config, above_minimum=which) for which in (True, False))


def _ahead(pump: Pump, target_tick: int) -> int:
    ahead = pump.clone()
    ahead.run(target_tick - ahead.plant.tick, RESET)
    if ahead.plant.dead:
        return _death(pump, ahead.plant.tick)
    resets = ahead.seen & RESET and ahead.controller.boot_remaining_ticks
    if resets and ahead.plant.reset_cause == ResetCause.LOW_BATTERY:
        return ahead.plant.tick - 1
    return ahead.plant.tick


def _death(pump: Pump, dead_tick: int) -> int:
    """The tick whose charge was the last."""
    alive_tick = pump.plant.tick
    while dead_tick - alive_tick > 1:
        middle = alive_tick + dead_tick >> 1
        ahead = pump.clone()
        ahead.run(middle - ahead.plant.tick)
        if ahead.plant.dead:
            dead_tick = middle
        else:
            alive_tick = middle
    return dead_tick
