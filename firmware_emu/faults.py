"""Knows the physical faults and acts that a bench injects between ticks; it must not know when or why.

Section 13 of SEMANTICS.md, `inject`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from pumpbench.firmware_emu.arithmetic import div_floor, div_round_half_up, u32
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plant import FLOW_PPM_MAX, RESISTANCE_MOHM_MAX
from pumpbench.firmware_emu.state import MEMORY_WORDS, Plant
from pumpbench.firmware_emu.store import WORD_BYTES
from pumpbench.protocol.codes import Fault, Refusal, ResetCause, RotorFault
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import (
    CONCENTRATION_MAX_UG_PER_ML,
    LINE_PARCELS,
    NO_CUT_WORDS,
    PL_PER_NL,
    PPM,
    TICKS_PER_DAY,
)
from pumpbench.protocol.messages import Inject, Refused

NG_PER_UG: Final = 1_000
PULSES_MAX: Final = 1_000_000
ANY: Final = 0xFFFF_FFFF
NUMBER: Final = layout_of(Inject).number


class Body(Protocol):
    """A plant and the constants it goes by: all that a fault of the plant needs."""

    plant: Plant
    config: Config


Arguments = tuple[int, int, int]
Broken = tuple[int, int]
"""(bound, value)"""
Bounds = tuple[int | tuple[int, int], ...]
"""Largest value, or (least, largest), of each argument that the fault uses."""
BodyBoundsOf = Callable[[Body, Arguments], Bounds]
BodyAct = Callable[[Body, Arguments], Broken | None]
Act = Callable[[Machine, Arguments], Broken | None]


def inject(machine: Machine, fault: int, arguments: Arguments) -> Refused | None:
    """Acts between ticks, in force from the next plant phase; None when done."""
    if fault not in CONTROLLER_FAULTS:
        return inject_plant(machine, fault, arguments)
    bounds, act = CONTROLLER_FAULTS[fault]
    return _answer(_past_memory(fault, arguments) or _first_broken(bounds, arguments) or act(machine, arguments))


def inject_plant(body: Body, fault: int, arguments: Arguments) -> Refused | None:
    """The same for what is of the plant alone."""
    if fault not in PLANT_FAULTS:
        return Refused(refused_type=NUMBER, refusal=Refusal.FAULT_UNKNOWN, limit=Fault.LINE_SET, value=fault)
    bounds, act = PLANT_FAULTS[fault]
    allowed = bounds(body, arguments) if callable(bounds) else bounds
    return _answer(_first_broken(allowed, arguments) or act(body, arguments))


def _answer(broken: Broken | None) -> Refused | None:
    if broken is None:
        return None
    return Refused(refused_type=NUMBER, refusal=Refusal.FAULT_RANGE, limit=broken[0], value=broken[1])


def _first_broken(bounds: Bounds, arguments: Arguments) -> Broken | None:
    for bound, value in zip((*bounds, 0, 0, 0), arguments, strict=False):
        low, high = bound if isinstance(bound, tuple) else (0, bound)
        if not low <= value <= high:
            return (low if value < low else high), value
    return None


def _past_memory(fault: int, arguments: Arguments) -> Broken | None:
    """The page gives this one bound as a size, not as the largest address."""
    past = fault == Fault.MEMORY_FLIP and arguments[0] >= MEMORY_WORDS
    return (MEMORY_WORDS, arguments[0]) if past else None


def _rotor_bounds(_: Body, arguments: Arguments) -> Bounds:
    if arguments[0] == RotorFault.INTERMITTENT:
        return RotorFault.INTERMITTENT, (1, PULSES_MAX), (1, PULSES_MAX)
    return (RotorFault.INTERMITTENT,)


def _rotor(machine: Body, arguments: Arguments) -> None:
    plant = machine.plant
    plant.rotor_fault, plant.rotor_run_count, plant.rotor_miss_count = arguments
    plant.rotor_phase_count = 0


def _field_bounds(_: Body, arguments: Arguments) -> Bounds:
    return (1, TICKS_PER_DAY) if arguments[0] == 1 else (1,)


def _field(machine: Body, arguments: Arguments) -> None:
    plant = machine.plant
    if arguments[0]:
        plant.magnetic_field, plant.field_lag_ticks, plant.field_lag_remaining_ticks = 1, arguments[1], 0
    elif plant.magnetic_field:
        plant.magnetic_field, plant.field_lag_remaining_ticks = 0, plant.field_lag_ticks


def _occlusion(machine: Body, arguments: Arguments) -> None:
    machine.plant.occlusion_ppm = arguments[0]


def _leak(machine: Body, arguments: Arguments) -> None:
    machine.plant.leak_ppm = arguments[0]


def _flow(machine: Body, arguments: Arguments) -> None:
    machine.plant.flow_ppm, machine.plant.flow_drift_ppm_per_day, _ = arguments


def _battery_charge(machine: Body, arguments: Arguments) -> None:
    machine.plant.charge_nc = div_floor(machine.config.battery_capacity_nc * arguments[0], PPM)


def _battery_resistance(machine: Body, arguments: Arguments) -> None:
    machine.plant.resistance_mohm, machine.plant.resistance_growth_mohm_per_day, _ = arguments


def _memory_flip(machine: Machine, arguments: Arguments) -> None:
    words, start = machine.memory.words, WORD_BYTES * arguments[0]
    flipped = int.from_bytes(words[start : start + WORD_BYTES], "little") ^ arguments[1]
    words[start : start + WORD_BYTES] = flipped.to_bytes(WORD_BYTES, "little")


def _power_cut(machine: Machine, arguments: Arguments) -> None:
    machine.plant.cut_words_count = arguments[0]


def _reset(machine: Machine, _: Arguments) -> None:
    plant = machine.plant
    if not (plant.reset_pending or plant.dead or machine.controller.boot_remaining_ticks):
        plant.reset_pending = ResetCause.WATCHDOG


def _emi(machine: Body, _: Arguments) -> None:
    machine.plant.emi = 1


def _volume_bounds(machine: Body, _: Arguments) -> Bounds:
    capacity = machine.config.reservoir_capacity_nl
    return capacity, capacity


def _refill_bounds(machine: Body, arguments: Arguments) -> Bounds:
    return (*_volume_bounds(machine, arguments), CONCENTRATION_MAX_UG_PER_ML)


def _refill(machine: Body, arguments: Arguments) -> Broken | None:
    """Withdraws and fills; what is left mixes with the fill."""
    plant, capacity_nl = machine.plant, machine.config.reservoir_capacity_nl
    withdraw_nl, fill_nl, fill_ug_per_ml = arguments
    left_pl = plant.reservoir_true_pl - min(withdraw_nl * PL_PER_NL, plant.reservoir_true_pl)
    fill_pl, fill_ng_per_ml = fill_nl * PL_PER_NL, fill_ug_per_ml * NG_PER_UG
    total_pl = left_pl + fill_pl
    if total_pl > capacity_nl * PL_PER_NL:
        return capacity_nl, u32(div_floor(total_pl, PL_PER_NL))
    mixed = fill_ng_per_ml
    if total_pl:
        mixed = div_round_half_up(left_pl * plant.reservoir_ng_per_ml + fill_pl * fill_ng_per_ml, total_pl)
    plant.reservoir_ng_per_ml, plant.reservoir_true_pl = mixed, total_pl
    return None


def _pocket_fill(machine: Body, arguments: Arguments) -> None:
    plant = machine.plant
    plant.reservoir_true_pl -= min(arguments[0] * PL_PER_NL, plant.reservoir_true_pl)
    plant.depot_pl += arguments[1] * PL_PER_NL


def _line_set(machine: Body, arguments: Arguments) -> None:
    machine.plant.line_ng_per_ml = [arguments[0] * NG_PER_UG] * LINE_PARCELS


PLANT_FAULTS: Final[Mapping[int, tuple[Bounds | BodyBoundsOf, BodyAct]]] = {
    Fault.ROTOR: (_rotor_bounds, _rotor),
    Fault.FIELD: (_field_bounds, _field),
    Fault.OCCLUSION: ((PPM,), _occlusion),
    Fault.LEAK: ((PPM,), _leak),
    Fault.FLOW: (((1, FLOW_PPM_MAX), PPM), _flow),
    Fault.BATTERY_CHARGE: ((PPM,), _battery_charge),
    Fault.BATTERY_RESISTANCE: ((RESISTANCE_MOHM_MAX, RESISTANCE_MOHM_MAX), _battery_resistance),
    Fault.EMI: ((), _emi),
    Fault.REFILL: (_refill_bounds, _refill),
    Fault.POCKET_FILL: (_volume_bounds, _pocket_fill),
    Fault.LINE_SET: ((CONCENTRATION_MAX_UG_PER_ML,), _line_set),
}
CONTROLLER_FAULTS: Final[Mapping[int, tuple[Bounds, Act]]] = {
    Fault.MEMORY_FLIP: ((MEMORY_WORDS - 1, ANY), _memory_flip),
    Fault.POWER_CUT: ((NO_CUT_WORDS - 1,), _power_cut),
    Fault.RESET: ((), _reset),
}
"""And of its memory: these act where the controller is, wherever the plant may be."""
