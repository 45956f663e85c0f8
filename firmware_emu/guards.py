"""Knows what each alarm's guard reads, what it is held against, and what of a run reaches it; it must not run anything.

Section 11 of SEMANTICS.md has the conditions; `alarms.py` is where they are asked.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from pumpbench.firmware_emu.machine import Machine
from pumpbench.protocol.codes import Alarm, Fault

Source = Literal["config", "start", "request", "fault", "earlier", "later"]
DOWN: Final = -1
UP: Final = 1


class Reading(NamedTuple):
    """A number of the machine that a guard asks, under its full name."""

    name: str
    value: int


class Lever(NamedTuple):
    """What of a run decides whether a guard holds, and which way of it does not.

    `of`: the request or the fault whose `field` it is (of a fault `arg_0` and so on); empty for a configuration or start field.
    `earlier` and `later` move what `of` names in time.
    """

    source: Source
    of: str
    field: str
    towards: int


class Guard(NamedTuple):
    """`inputs` and `thresholds` are names that `read` understands; `debounce` says what must last, and how long."""

    alarm: int
    inputs: tuple[str, ...]
    thresholds: tuple[str, ...]
    holds: str
    debounce: str
    debounced_by: tuple[str, ...]
    levers: tuple[Lever, ...]


def _config(field: str, towards: int) -> Lever:
    return Lever("config", "", field, towards)


def _start(field: str, towards: int) -> Lever:
    return Lever("start", "", field, towards)


def _request(of: str, field: str, towards: int) -> Lever:
    return Lever("request", of, field, towards)


def _fault(fault: int, argument: int, towards: int) -> Lever:
    return Lever("fault", Fault.name_of(fault), f"arg_{argument}", towards)


def _earlier(of: str) -> Lever:
    return Lever("earlier", of, "tick", DOWN)


def _later(of: str) -> Lever:
    return Lever("later", of, "tick", UP)


_FILL: Final = (_request("Refill", "fill_nl", UP), _start("reservoir_estimated_nl", UP), _earlier("Refill"))
_BATTERY: Final = (
    _fault(Fault.BATTERY_CHARGE, 0, UP), _fault(Fault.BATTERY_RESISTANCE, 0, DOWN), _fault(Fault.BATTERY_RESISTANCE, 1, DOWN),
    _start("charge_nc", UP),
)  # fmt: skip
_FLIP: Final = (
    _fault(Fault.MEMORY_FLIP, 1, DOWN), _fault(Fault.MEMORY_FLIP, 0, DOWN), _fault(Fault.MEMORY_FLIP, 0, UP),
    _earlier(Fault.name_of(Fault.MEMORY_FLIP)), _later(Fault.name_of(Fault.MEMORY_FLIP)), _fault(Fault.POWER_CUT, 0, DOWN),
    _fault(Fault.POWER_CUT, 0, UP),
)  # fmt: skip

GUARDS: Final = (
    Guard(Alarm.LOW_RESERVOIR, ("durable.reservoir_estimated_nl",), ("program.low_reservoir_nl",),
          "the estimate is at or below the program's threshold", "none", (),
          (_request("StageProgram", "low_reservoir_nl", DOWN), *_FILL)),
    Guard(Alarm.ELECTIVE_REPLACEMENT, ("durable.life_ticks", "controller.battery_mv"),
          ("durable.eri_life_ticks", "config.eri_mv"), "the age, or a sampled voltage, has reached the replacement indicator",
          "none: one sample is enough", (),
          (_config("eri_mv", DOWN), _config("life_limit_ticks", UP), _config("eri_to_eos_ticks", DOWN),
           _start("life_ticks", DOWN), *_BATTERY)),
    Guard(Alarm.MEMORY_ERROR, ("durable.fault_flags",), (), "a self-test or a boot found a slot that is not valid",
          "none: one self-test is enough", (), _FLIP),
    Guard(Alarm.EMPTY_RESERVOIR, ("durable.reservoir_estimated_nl",), ("config.reservoir_empty_nl",),
          "the estimate is at or below the empty mark", "none", (), (_config("reservoir_empty_nl", DOWN), *_FILL)),
    Guard(Alarm.END_OF_SERVICE, ("durable.life_ticks", "controller.battery_mv"), ("durable.eos_life_ticks", "config.eos_mv"),
          "the age, or a sampled voltage, has reached the end of service", "none: one sample is enough", (),
          (_config("eos_mv", DOWN), _config("eri_mv", DOWN), _config("life_limit_ticks", UP), _config("eri_to_eos_ticks", UP),
           _start("life_ticks", DOWN), *_BATTERY)),
    Guard(Alarm.MOTOR_STALL, ("controller.stall_missed_count", "plant.rotor_count"), ("config.stall_steps_count",),
          "so many steps in a row were commanded and the rotor did not turn", "consecutive steps without a count",
          ("config.stall_steps_count",),
          (_config("stall_steps_count", UP), _fault(Fault.ROTOR, 2, DOWN), _fault(Fault.FIELD, 1, DOWN),
           _earlier(Fault.name_of(Fault.ROTOR)), _earlier(Fault.name_of(Fault.FIELD)), _later(Fault.name_of(Fault.ROTOR)),
           _later(Fault.name_of(Fault.FIELD)))),
    Guard(Alarm.STOPPED_TOO_LONG, ("durable.stopped_ticks",), ("config.stopped_alarm_ticks",),
          "delivery has stood still, stopped or held, for longer than allowed", "ticks without delivery",
          ("config.stopped_alarm_ticks",),
          (_config("stopped_alarm_ticks", UP), _earlier("Resume"), _earlier("CommitProgram"), _earlier("ReadStatus"),
           _later("Stop"), _later("StageProgram"), _later(Fault.name_of(Fault.EMI)))),
    Guard(Alarm.CRITICAL_MEMORY_ERROR, ("durable.fault_flags",), (),
          "the program in force, or every check-point, was found damaged", "none: one self-test is enough", (), _FLIP),
    Guard(Alarm.LOW_BATTERY_RESET, ("durable.fault_flags", "plant.charge_nc", "plant.resistance_mohm"), (),
          "the battery browned out under the motor's load and reset the controller", "none: one brown-out is enough", (),
          (*_BATTERY, _config("brownout_nc_per_mohm", DOWN))),
)  # fmt: skip


def read(machine: Machine, name: str) -> Reading:
    """`part.field` of config, controller, durable or plant, or a field of the program in force. Raises AttributeError."""
    part, _, field = name.partition(".")
    holder = machine.plan.program if part == "program" else getattr(machine, part)
    return Reading(name, getattr(holder, field))
