"""Knows the moments at which power is cut: what stood before, which act is cut short, who wanted a stop; it cuts nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS
from pumpbench.hil.native import NativeDevice
from pumpbench.protocol.codes import Alarm, Fault, IntervalUnit, Mode, RotorFault, UpdateStage
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR
from pumpbench.protocol.messages import (
    Bolus,
    CommitProgram,
    Done,
    Inject,
    PatientBolus,
    Refill,
    Refilled,
    Report,
    Resume,
    SetClock,
    SilenceAlarms,
    StageProgram,
    Started,
    Stop,
    VerifyProgram,
)
from pumpbench.protocol.messages import TestAlarm as SoundTones
from tests.board.bench import SIMPLE, START, replace
from tests.power_cuts.victim import Act, State, Victim, one_tick, request

BOLUS = Bolus(dose_ng=50_000, volume_nl=25_000, duration_ticks=3_000)
FILL_NL = 19_000_000
# A limit so high that what a boot assumes of the day before bars no bolus.
FIRST = replace(SIMPLE, dose_limit_ng=48_000_000)
NEXT = replace(FIRST, program_id=10, dose_ng_per_day=480_000)
NEXT_RATE_NL_PER_DAY = 240_000
"""480 000 ng/day at 2000 ug/mL."""
BRIDGED = replace(FIRST, program_id=11, concentration_ug_per_ml=1_000, bridge=1)
BRIDGED_RATE_NL_PER_DAY, BRIDGED_VOLUME_NL = 400_000, 20_000
"""400 000 ng/day and the patient's 20 000 ng at 1000 ug/mL."""
BOLUSES = replace(
    FIRST, program_id=12, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=IntervalUnit.HOURS, interval_count=6,
    interval_dose_ng=100_000, interval_duration_ticks=6_000,
)  # fmt: skip
BOLUSES_VOLUME_NL = 60_000
"""100 000 ng and the patient's 20 000 ng at 2000 ug/mL."""
STOPPED = replace(
    FIRST, program_id=13, mode=Mode.STOPPED, dose_ng_per_day=0, patient_count=0, patient_dose_ng=0, patient_duration_ticks=0,
    patient_lockout_ticks=0,
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """`prepare` brings a pump in therapy to the states whose next `act` is cut; `stop_asked`: the act, or what came before it."""

    name: str
    act: Act
    prepare: Callable[[Victim], list[State]]
    stop_asked: bool = False
    fluid: Any = None
    """The request that moves fluid, where that is what was cut or what is running: it is repeated after the boot."""


def treated(device: NativeDevice | Device) -> Victim:
    """Armed, a program in force for some time, its session open, everything remembered by a check-point."""
    victim = Victim(device)
    victim.arm(replace(START, clock_day_ticks=400_000))
    victim.open()
    assert isinstance(victim.commit(FIRST), Done)
    victim.run_to(2_000)
    return victim


def now(*requests: Any) -> Callable[[Victim], list[State]]:
    """The state after these requests."""

    def prepare(victim: Victim) -> list[State]:
        for one in requests:
            reply = victim.ask(one)
            assert isinstance(reply, (Done, Started, Report, Refilled)), reply
        return [victim.state()]

    return prepare


def update_to(program: StageProgram, rate_nl_per_day: int, volume_nl: int = 10_000) -> Callable[[Victim], list[State]]:
    """Every tick of an update, from the commit to the restart of delivery."""

    def prepare(victim: Victim) -> list[State]:
        reply = victim.commit(program, rate_nl_per_day, volume_nl)
        assert isinstance(reply, Done), reply
        states = []
        while victim.state().parts["controller"].update_stage != UpdateStage.IDLE:
            states.append(victim.state())
            victim.pass_ticks(1)
        return states

    return prepare


def verified(victim: Victim) -> list[State]:
    """A program is staged and verified."""
    staged = victim.ask(NEXT)
    victim.ask(VerifyProgram(program_crc=staged.program_crc, rate_check_nl_per_day=NEXT_RATE_NL_PER_DAY, volume_check_nl=10_000))
    return [victim.state()]


def commit(victim: Victim) -> Any:
    """As an act: it writes the entry and the check-point that say that an update has begun."""
    controller = victim.state().parts["controller"]
    new, old = (crc32c(bytes(image)) for image in (controller.staged, controller.program))
    return victim.ask(CommitProgram(program_crc=new, old_program_crc=old, second_confirmation_ng=0))


def end_of_bolus(victim: Victim) -> list[State]:
    """The tick in which a bolus is fully given."""
    assert isinstance(victim.ask(BOLUS), Started)
    victim.pass_ticks(BOLUS.duration_ticks - 1)
    return [victim.state()]


def hour_in_bolus(victim: Victim) -> list[State]:
    """The tick that writes the hourly check-point, in the middle of a bolus."""
    victim.pass_ticks(TICKS_PER_HOUR - 1_000 - victim.state().parts["plant"].tick)
    victim.open(nonce=6)
    assert isinstance(victim.ask(BOLUS), Started)
    victim.pass_ticks(999)
    return [victim.state()]


def alarming(victim: Victim) -> list[State]:
    """The rotor stands and the slot not in force is broken, so that latched alarms of both classes stand."""
    other = PROGRAM_SLOT_ADDRESS[1 - victim.state().parts["controller"].program_slot_index]
    victim.ask(Inject(fault=Fault.ROTOR, arg_0=RotorFault.STALLED, arg_1=0, arg_2=0))
    victim.ask(Inject(fault=Fault.MEMORY_FLIP, arg_0=other + 5, arg_1=1, arg_2=0))
    victim.pass_ticks(TICKS_PER_DAY - victim.state().parts["plant"].tick)
    victim.open(nonce=7)
    state = victim.state()
    assert state.parts["durable"].alarms_active == 1 << Alarm.MOTOR_STALL | 1 << Alarm.MEMORY_ERROR
    return [state]


def hour_while_alarming(victim: Victim) -> list[State]:
    alarming(victim)
    victim.pass_ticks(TICKS_PER_HOUR - 1)
    return [victim.state()]


def refilled_plant(victim: Victim) -> list[State]:
    """The reservoir is full before the pump is told of it."""
    fill = FILL_NL - victim.state().parts["plant"].reservoir_true_pl // 1000
    return now(Inject(fault=Fault.REFILL, arg_0=0, arg_1=fill + 1, arg_2=2_000))(victim)


STORIES: tuple[Story, ...] = (
    Story("update", one_tick, update_to(NEXT, NEXT_RATE_NL_PER_DAY)),
    Story("update with a bridge", one_tick, update_to(BRIDGED, BRIDGED_RATE_NL_PER_DAY, BRIDGED_VOLUME_NL)),
    Story("update to boluses", one_tick, update_to(BOLUSES, 0, BOLUSES_VOLUME_NL)),
    Story("update to a stop", one_tick, update_to(STOPPED, 0, 0), stop_asked=True),
    Story("commit", commit, verified),
    Story("bolus", request(BOLUS), now(), fluid=BOLUS),
    Story("end of bolus", one_tick, end_of_bolus, fluid=BOLUS),
    Story("hour in bolus", one_tick, hour_in_bolus, fluid=BOLUS),
    Story("patient bolus", request(PatientBolus()), now(), fluid=PatientBolus()),
    Story("refill", request(Refill(measured_nl=17_990_000, fill_nl=FILL_NL)), refilled_plant),
    Story("stop", request(Stop()), now(), stop_asked=True),
    Story("stop of a bolus", request(Stop()), now(BOLUS), stop_asked=True, fluid=BOLUS),
    Story("resume", request(Resume()), now(Stop()), stop_asked=True),
    Story("log", request(SoundTones()), now()),
    Story("clock", request(SetClock(clock_day=3, clock_day_ticks=5)), now()),
    Story("silence", request(SilenceAlarms()), alarming),
    Story("stop while alarming", request(Stop()), alarming, stop_asked=True),
    Story("check-point while alarming", one_tick, hour_while_alarming),
)
