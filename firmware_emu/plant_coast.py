"""Knows many motor steps at once, in closed form but for the shifts of an uneven line; it must not know when they were made.

Law: `move_steps` equals as many calls of `plant.step_motor`, while the rotor keeps its ways and the reservoir gives in full.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, mod
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.line import is_uniform, shift_line
from pumpbench.firmware_emu.plant import ROTOR_MASK, effective_ppm, pass_through
from pumpbench.firmware_emu.state import Plant
from pumpbench.protocol.codes import RotorFault
from pumpbench.protocol.limits import PPM, STEP_PL

STEP_PL_MAX: Final = 2 * STEP_PL
_INTERMITTENT: Final = RotorFault.INTERMITTENT


def unclamped_steps(plant: Plant, steps: int) -> int:
    """How many of `steps` an unlocked rotor gives in full; an empty reservoir gives nothing, all alike."""
    if plant.parcel_pl < STEP_PL_MAX or plant.parcel_phase_pl >= plant.parcel_pl:
        return 0
    true_pl = plant.reservoir_true_pl
    if true_pl == 0 or steps * STEP_PL_MAX <= true_pl:
        return steps
    per_step = STEP_PL * effective_ppm(plant)
    if div_floor(steps * per_step + plant.flow_rem, PPM) <= true_pl:
        return steps
    return div_floor((true_pl + 1) * PPM - 1 - plant.flow_rem, per_step)


def move_steps(plant: Plant, config: Config, steps: int, locked: bool, bolus: bool) -> None:
    """`steps` commanded steps that all find the rotor as it is now."""
    if plant.rotor_fault == _INTERMITTENT:
        plant.rotor_phase_count = mod(plant.rotor_phase_count + steps, plant.rotor_run_count + plant.rotor_miss_count)
    if locked:
        return
    plant.rotor_count = plant.rotor_count + steps & ROTOR_MASK
    line, entering = plant.line_ng_per_ml, plant.reservoir_ng_per_ml
    if plant.reservoir_true_pl and not (line[0] == entering and is_uniform(line)):
        steps = _shift_through(plant, config.mix_bolus_ppm if bolus else config.mix_basal_ppm, steps)
    _pump(plant, steps)
    plant.parcel_phase_pl = mod(plant.parcel_phase_pl, plant.parcel_pl)


def _pump(plant: Plant, steps: int) -> None:
    """Steps during which what stands at the tip does not change."""
    share = steps * STEP_PL * effective_ppm(plant) + plant.flow_rem
    out_pl = div_floor(share, PPM)
    plant.flow_rem = share - out_pl * PPM
    out_pl = min(out_pl, plant.reservoir_true_pl)
    pass_through(plant, out_pl)
    plant.parcel_phase_pl += out_pl


def _shift_through(plant: Plant, mix_ppm: int, steps: int) -> int:
    """Runs to the last shift that these steps reach; returns the steps left after it."""
    per_step = STEP_PL * effective_ppm(plant)
    while per_step:
        missing_pl = plant.parcel_pl - plant.parcel_phase_pl
        to_shift = div_ceil(missing_pl * PPM - plant.flow_rem, per_step)
        if to_shift > steps:
            break
        _pump(plant, to_shift)
        steps -= to_shift
        plant.parcel_phase_pl -= plant.parcel_pl
        shift_line(plant.line_ng_per_ml, plant.reservoir_ng_per_ml, mix_ppm)
    return steps
