"""Knows the body of the pump through one tick: field, rotor, volume, charge; it must not know what the controller believes.

Section 12 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_floor, mod
from pumpbench.firmware_emu.battery_table import BATTERY_REST_MV
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.line import shift_line
from pumpbench.firmware_emu.state import Plant
from pumpbench.firmware_emu.tone import sounding_ticks
from pumpbench.protocol.codes import ResetCause, RotorFault
from pumpbench.protocol.limits import LINE_PARCELS, PPM, STEP_PL, TICKS_PER_DAY

ROTOR_MASK: Final = 0xFFFF
FLOW_PPM_MAX: Final = 2_000_000
RESISTANCE_MOHM_MAX: Final = 100_000_000
TIP: Final = LINE_PARCELS - 1
UV_PER_MV: Final = 1_000_000
FG_IN_AG: Final = 1_000

_STALLED: Final = RotorFault.STALLED
_INTERMITTENT: Final = RotorFault.INTERMITTENT
_LAST_POINT: Final = len(BATTERY_REST_MV) - 1


Load = tuple[int, int, bool, bool, bool, bool]
"""What a tick asks of the plant and of its battery: (step, sample, delivery exceeds the minimum rate, a bolus flows, a session
is open, the controller ran)."""

NOT_RUNNING: Final[Load] = (0, 0, False, False, False, False)


def run_plant(plant: Plant, config: Config, t: int, load: Load) -> None:
    """Phase 14 after the tone plan was taken over."""
    step, sample, above_minimum, bolus, session, ran = load
    rose = _new_day(plant) if mod(t, TICKS_PER_DAY) == 0 else False
    if step:
        step_motor(plant, config, bolus)
    if plant.field_lag_remaining_ticks and not plant.magnetic_field:
        plant.field_lag_remaining_ticks -= 1
    _draw(plant, config, t, step, session)
    if sample:
        plant.sample_mv = rest_mv(plant, config) - sag_mv(plant, config)
    if plant.charge_nc == 0:
        plant.dead = 1
    elif ran and not plant.reset_pending and (rose or (step and above_minimum)):
        if plant.charge_nc < bound_nc(plant, config, above_minimum):
            plant.reset_pending = ResetCause.LOW_BATTERY
    plant.emi = 0


def _new_day(plant: Plant) -> bool:
    """Slow processes change at plant days only; True when resistance rose."""
    if plant.flow_drift_ppm_per_day:
        plant.flow_ppm = min(plant.flow_ppm + plant.flow_drift_ppm_per_day, FLOW_PPM_MAX)
    if not plant.resistance_growth_mohm_per_day:
        return False
    plant.resistance_mohm = min(plant.resistance_mohm + plant.resistance_growth_mohm_per_day, RESISTANCE_MOHM_MAX)
    return True


def turn_plant_days(plant: Plant, days: int) -> None:
    """So many plant days pass in which nothing asks whether the supply holds."""
    for _ in range(days):
        _new_day(plant)


def step_motor(plant: Plant, config: Config, bolus: bool) -> None:
    """One commanded step, whether or not the rotor can follow."""
    locked = is_locked(plant)
    if plant.rotor_fault == _INTERMITTENT:
        plant.rotor_phase_count = mod(plant.rotor_phase_count + 1, plant.rotor_run_count + plant.rotor_miss_count)
    if locked:
        return
    plant.rotor_count = plant.rotor_count + 1 & ROTOR_MASK
    out_pl = _move(plant)
    plant.parcel_phase_pl += out_pl
    if plant.parcel_phase_pl >= plant.parcel_pl:
        plant.parcel_phase_pl -= plant.parcel_pl
        shift_line(plant.line_ng_per_ml, plant.reservoir_ng_per_ml, config.mix_bolus_ppm if bolus else config.mix_basal_ppm)


def is_locked(plant: Plant) -> bool:
    """Whether a step in this tick finds the rotor held."""
    if plant.magnetic_field or plant.field_lag_remaining_ticks or plant.rotor_fault == _STALLED:
        return True
    return plant.rotor_fault == _INTERMITTENT and plant.rotor_phase_count >= plant.rotor_run_count


def effective_ppm(plant: Plant) -> int:
    """Volume of a step against the nominal, occlusion included."""
    if not plant.occlusion_ppm:
        return plant.flow_ppm
    return div_floor(plant.flow_ppm * (PPM - plant.occlusion_ppm), PPM)


def _move(plant: Plant) -> int:
    """Fluid of one step leaves reservoir, leak and tip; returns what the reservoir gave."""
    share = STEP_PL * effective_ppm(plant) + plant.flow_rem
    plant.flow_rem = mod(share, PPM)
    out_pl = min(div_floor(share, PPM), plant.reservoir_true_pl)
    pass_through(plant, out_pl)
    return out_pl


def pass_through(plant: Plant, out_pl: int) -> None:
    """`out_pl` leaves the reservoir; at the tip it carries the drug of the last parcel."""
    plant.reservoir_true_pl -= out_pl
    plant.pumped_pl += out_pl
    tip_pl = out_pl
    if plant.leak_ppm:
        share = out_pl * plant.leak_ppm + plant.leak_rem
        leaked_pl = div_floor(share, PPM)
        plant.leak_rem = share - leaked_pl * PPM
        plant.leaked_pl += leaked_pl
        tip_pl -= leaked_pl
    plant.delivered_pl += tip_pl
    drug_ag = tip_pl * plant.line_ng_per_ml[TIP] + plant.delivered_rem
    drug_fg = div_floor(drug_ag, FG_IN_AG)
    plant.delivered_fg += drug_fg
    plant.delivered_rem = drug_ag - drug_fg * FG_IN_AG


def _draw(plant: Plant, config: Config, t: int, step: int, session: bool) -> None:
    cost_nc = config.idle_nc
    if step:
        cost_nc += config.step_nc
    if (plant.tone_class or plant.tone_test_end_tick) and not plant.dead and sounding_ticks(plant, t, t):
        cost_nc += config.tone_nc
        plant.tone_tick_count += 1
    if session:
        cost_nc += config.session_nc
    plant.charge_nc -= min(cost_nc, plant.charge_nc)


def rest_mv(plant: Plant, config: Config) -> int:
    """Rest voltage between the points of the table."""
    charge, capacity = plant.charge_nc, config.battery_capacity_nc
    if charge >= capacity:
        return BATTERY_REST_MV[_LAST_POINT]
    point = div_floor(charge * _LAST_POINT, capacity)
    low, high = BATTERY_REST_MV[point : point + 2]
    return low + div_floor((high - low) * (charge * _LAST_POINT - point * capacity), capacity)


def sag_mv(plant: Plant, config: Config) -> int:
    """Drop under the load of a sample; at most the rest voltage less 1 is taken off."""
    return min(div_floor(config.load_ua * plant.resistance_mohm, UV_PER_MV), rest_mv(plant, config) - 1)


def bound_nc(plant: Plant, config: Config, above_minimum: bool) -> int:
    """Charge below which the controller's supply breaks down at work, or under its reduced load."""
    per_mohm = config.brownout_nc_per_mohm if above_minimum else config.brownout_reduced_nc_per_mohm
    return plant.resistance_mohm * per_mohm
