"""Knows which values of a pump an expectation may look at and how each is read off the reference; it must not judge them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol.codes import Alarm, Held, Mode, ResetCause, TherapyState, ToneClass, UpdateStage
from pumpbench.protocol.layout import Codes
from pumpbench.protocol.limits import LINE_PARCELS, PL_PER_NL, Q_PER_NL, STEP_NL

Sort = Literal["number", "name", "names", "time"]


@dataclass(frozen=True, slots=True)
class Value:
    """`read` gives a whole number in the unit of the name, a name, or (sort `time`) a tick counted from the start."""

    read: Callable[[Pump], int | str]
    sort: Sort = "number"
    codes: type[Codes] | None = None


def _number(part: str, name: str, divisor: int = 1) -> Value:
    return Value(lambda pump: int(getattr(getattr(pump, part), name)) // divisor)


def _name(part: str, name: str, codes: type[Codes]) -> Value:
    return Value(lambda pump: codes.name_of(getattr(getattr(pump, part), name)), "name", codes)


def _names(part: str, name: str, codes: type[Codes]) -> Value:
    return Value(lambda pump: " ".join(codes.names_in(getattr(getattr(pump, part), name))) or "none", "names", codes)


def _time(life_ticks: Callable[[Pump], int]) -> Value:
    """An age of the pump as a tick of the run: counted from now, because a reset moves the age and not the tick."""
    return Value(lambda pump: pump.plant.tick + life_ticks(pump) - pump.durable.life_ticks, "time")


def _program(pump: Pump) -> Program:
    return Program.from_bytes(bytes(pump.controller.program))


def _tip(pump: Pump) -> int:
    return pump.plant.line_ng_per_ml[LINE_PARCELS - 1]


VALUES: Final[dict[str, Value]] = {
    "delivered_true_nl": _number("plant", "delivered_pl", PL_PER_NL),
    "delivered_true_ng": _number("plant", "delivered_fg", 1_000_000),
    "pumped_true_nl": _number("plant", "pumped_pl", PL_PER_NL),
    "leaked_true_nl": _number("plant", "leaked_pl", PL_PER_NL),
    "depot_nl": _number("plant", "depot_pl", PL_PER_NL),
    "reservoir_true_nl": _number("plant", "reservoir_true_pl", PL_PER_NL),
    "reservoir_estimated_nl": _number("durable", "reservoir_estimated_nl"),
    "tip_ng_per_ml": Value(_tip),
    "commanded_nl": _number("durable", "commanded_q", Q_PER_NL),
    "cancelled_nl": _number("durable", "cancelled_q", Q_PER_NL),
    "owed_nl": Value(lambda pump: -(-sum(pump.durable.owed_q) // Q_PER_NL)),
    "stepped_nl": Value(lambda pump: pump.durable.step_count * STEP_NL),
    "residual_more_nl": _number("durable", "residual_more_nl"),
    "residual_less_nl": _number("durable", "residual_less_nl"),
    "battery_mv": _number("controller", "battery_mv"),
    "charge_ppm": Value(lambda pump: pump.plant.charge_nc * 1_000_000 // pump.config.battery_capacity_nc),
    "boot_count": _number("durable", "boot_count"),
    "open_count": _number("durable", "open_count"),
    "log_next_seq": _number("controller", "log_next_seq"),
    "clock_valid": _number("durable", "clock_valid"),
    "clock_day": _number("durable", "clock_day"),
    "dead": _number("plant", "dead"),
    "tone_tick_count": _number("plant", "tone_tick_count"),
    "program_id": Value(lambda pump: _program(pump).program_id),
    "stopped": Value(lambda pump: pump.plant.tick - pump.durable.stopped_ticks, "time"),
    "refill_due": _time(lambda pump: pump.durable.refill_due_life_ticks),
    "eri": _time(lambda pump: pump.durable.eri_life_ticks),
    "eos": _time(lambda pump: pump.durable.eos_life_ticks),
    "therapy_state": _name("durable", "therapy_state", TherapyState),
    "mode": Value(lambda pump: Mode.name_of(_program(pump).mode), "name", Mode),
    "reset_cause": _name("durable", "reset_cause", ResetCause),
    "update_stage": _name("controller", "update_stage", UpdateStage),
    "tone_class": _name("controller", "tone_class", ToneClass),
    "held": _names("durable", "held", Held),
    "alarms_active": _names("durable", "alarms_active", Alarm),
    "alarms_silenced": _names("durable", "alarms_silenced", Alarm),
}
"""`stopped`: since when nothing was delivered by command or hold. `names`: the set bits in declared order, or `none`."""
