"""Knows how the acts of a programmer become therapy requests on a rig; whether the answers were right is judged elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.programming import U32_MAX, change_program, read_log, volume_nl
from pumpbench.hil.rig import Rig
from pumpbench.hil.scenario.clinician import plan_of, prime_nl, steered
from pumpbench.hil.scenario.model import Scenario, Step
from pumpbench.protocol.codes import Fault, ProgramSource, Role
from pumpbench.protocol.limits import TICKS_PER_MINUTE
from pumpbench.protocol.messages import (
    Bolus,
    Identify,
    MeasureBattery,
    PatientBolus,
    Prime,
    ProgramRead,
    ReadAccount,
    ReadAlarms,
    ReadFlex,
    ReadProgram,
    ReadRecord,
    ReadStatus,
    Record,
    Refill,
    Resume,
    SetClock,
    SilenceAlarms,
    Stop,
    Subscribe,
    TestAlarm,
    WriteRecord,
)


class Programmer:
    """What one step asks of the pump, request by request. `reply` is the last answer, None where none came."""

    def __init__(self, rig: Rig, scenario: Scenario, step: Step) -> None:
        self.rig = rig
        self.scenario = scenario
        self.step = step
        self.role = step.role if step.role is not None else Role.PATIENT if step.act == "patient_bolus" else Role.CLINICIAN
        self.reply: Any = None
        self.asked = 0

    def ask(self, message: Any) -> Any:
        """The reply, `Refused` included; None where the link is cut."""
        self.reply = self.rig.therapy(message, role=self.role)
        self.asked += 1
        return self.reply

    def perform(self) -> None:
        _THERAPY[self.step.act](self, self.step.arguments)


def _program(programmer: Programmer, arguments: Any) -> None:
    plan = plan_of(arguments, programmer.step.number, programmer.scenario.start.concentration_ug_per_ml)
    change_program(steered(programmer.ask, arguments, programmer.rig.cut_link), plan)


def _bolus(programmer: Programmer, arguments: Any) -> None:
    volume = arguments["volume_nl"]
    if volume is None:
        in_force = programmer.ask(ReadProgram(source=ProgramSource.IN_FORCE))
        if not isinstance(in_force, ProgramRead):
            return
        # A pump whose program was lost names no concentration; it refuses the bolus by itself.
        volume = min(volume_nl(arguments["dose_ng"], max(in_force.concentration_ug_per_ml, 1)), U32_MAX)
    programmer.ask(Bolus(dose_ng=arguments["dose_ng"], volume_nl=volume, duration_ticks=arguments["duration"]))


def _prime(programmer: Programmer, arguments: Any) -> None:
    volume = arguments["volume_nl"]
    if volume is None:
        record = programmer.ask(ReadRecord())
        if not isinstance(record, Record):
            return
        per_mm = programmer.scenario.config.get("catheter_nl_per_mm", Config().catheter_nl_per_mm)
        volume = prime_nl(arguments["scope"], record.tubing_nl, record.catheter_length_mm, per_mm)
    programmer.ask(Prime(scope=arguments["scope"], volume_nl=volume))


def _refill(programmer: Programmer, arguments: Any) -> None:
    """Physical first, then told: the pump cannot know better than the person who holds the syringe."""
    rig, pocket, fill = programmer.rig, arguments["pocket"], arguments["fill_nl"]
    before = rig.truth()
    true_nl, estimated_nl = before.plant.reservoir_true_pl // 1000, before.durable.reservoir_estimated_nl
    withdraw = arguments["withdraw_nl"]
    if withdraw is None:
        withdraw = 0 if pocket else before.config.reservoir_capacity_nl
    given = arguments["concentration_ug_per_ml"]
    concentration = programmer.scenario.start.concentration_ug_per_ml if given is None else given
    if pocket:
        rig.inject(Fault.POCKET_FILL, withdraw, fill)
    else:
        rig.inject(Fault.REFILL, withdraw, fill, concentration)
    if arguments["untold"]:
        return
    measured, told = arguments["measured_nl"], arguments["told_fill_nl"]
    if measured is None:
        measured = estimated_nl if pocket else min(withdraw, true_nl)
    programmer.ask(Refill(measured_nl=measured, fill_nl=fill if told is None else told))


def _read(programmer: Programmer, arguments: Any) -> None:
    for name in arguments:
        if name == "log":
            read_log(programmer.ask)
        else:
            for message in _READS[name]:
                programmer.ask(message)


def _repeat(programmer: Programmer, arguments: Any) -> None:
    programmer.reply = programmer.rig.repeat()
    programmer.asked += 1


def _clock(programmer: Programmer, arguments: Any) -> None:
    programmer.ask(SetClock(clock_day=arguments["day"], clock_day_ticks=arguments["time"] * TICKS_PER_MINUTE))


def _plain(message: Any) -> Callable[[Programmer, Any], None]:
    def perform(programmer: Programmer, arguments: Any) -> None:
        programmer.ask(message)

    return perform


_READS: Final[dict[str, tuple[Any, ...]]] = {
    "identify": (Identify(),),
    "status": (ReadStatus(),),
    "program": (ReadProgram(source=ProgramSource.IN_FORCE),),
    "staged": (ReadProgram(source=ProgramSource.STAGED),),
    "flex": (ReadFlex(source=ProgramSource.IN_FORCE, schedule=0), ReadFlex(source=ProgramSource.IN_FORCE, schedule=1)),
    "alarms": (ReadAlarms(),),
    "record": (ReadRecord(),),
    "account": (ReadAccount(),),
}

_THERAPY: Final[dict[str, Callable[[Programmer, Any], None]]] = {
    "program": _program,
    "bolus": _bolus,
    "patient_bolus": _plain(PatientBolus()),
    "prime": _prime,
    "refill": _refill,
    "stop": _plain(Stop()),
    "resume": _plain(Resume()),
    "silence": _plain(SilenceAlarms()),
    "test_alarm": _plain(TestAlarm()),
    "measure_battery": _plain(MeasureBattery()),
    "set_clock": _clock,
    "write_record": lambda programmer, given: programmer.ask(WriteRecord(**given)),
    "read": _read,
    "repeat": _repeat,
    "subscribe": lambda programmer, ticks: programmer.ask(Subscribe(period_ticks=ticks)),
}
THERAPY_ACTS: Final = frozenset(_THERAPY)
