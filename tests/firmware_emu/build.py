"""What tests of the pump start from: a pump at its start, a program in force, its effects by name."""

from typing import Any

from pumpbench.firmware_emu.plan import Plan
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Drug, Event, Mode, TherapyState, UpdateStage
from pumpbench.protocol.layout import replace
from pumpbench.protocol.limits import FLEX_STEPS

START = messages.ResetToStart(
    model=1, serial=7, implant_day=9_000, calendar_origin_day=9_000, drug=Drug.BACLOFEN, catheter_length_mm=400,
    tubing_nl=20_000, reservoir_true_nl=20_000_000, reservoir_estimated_nl=20_000_000, concentration_ug_per_ml=2_000,
    line_ug_per_ml=2_000, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip

STAGE = messages.StageProgram(
    program_id=1, mode=Mode.SIMPLE_CONTINUOUS, schedule_days=0, concentration_ug_per_ml=2_000, dose_ng_per_day=240_000,
    low_reservoir_nl=2_000_000, dose_limit_ng=2_000_000, critical_interval_ticks=6_000, interval_unit=0, patient_count=0,
    interval_count=0, interval_dose_ng=0, interval_duration_ticks=0, single_dose_ng=0, single_duration_ticks=0,
    patient_dose_ng=0, patient_duration_ticks=0, patient_lockout_ticks=0, bridge=0,
)  # fmt: skip

Steps = list[tuple[int, int]]
"""(minute of the day, dose in ng over the step)"""


def started(config: dict[str, int] | None = None, **start: int) -> Pump:
    """A pump at tick 0, some of its configuration and of its start set otherwise."""
    pump = Pump()
    for name, value in (config or {}).items():
        setattr(pump.config, name, value)
    refused = pump.reset_to_start(replace(START, **start))
    assert refused is None, refused
    return pump


def staged_message(**program: int) -> messages.StageProgram:
    return replace(STAGE, **program)


def stage(pump: Pump, flex: tuple[Steps, Steps] = ([], []), **program: int) -> Any:
    """Stages; returns the last reply."""
    reply: Any = pump.handle(staged_message(**program))
    for schedule, steps in enumerate(flex):
        if steps:
            items = tuple(messages.FlexStep(start_minute=minute, dose_ng=dose) for minute, dose in steps)
            reply = pump.handle(messages.StageFlex(schedule=schedule, steps=items))
    return reply


def verify(pump: Pump, crc: int) -> Any:
    """As a programmer would, with sums of its own."""
    program = Program.from_bytes(bytes(pump.controller.staged))
    rates, volumes = 0, 0
    try:
        plan = Plan(program.to_bytes(), pump.config.rate_min_nl_per_day)
    except ZeroDivisionError:
        plan = None  # unsound: the pump has to say so, whatever the sums
    if plan is not None and program.mode != Mode.STOPPED:
        rates = plan.rate_sum_nl_per_day()
        volumes = plan.interval_volume_nl + plan.single_volume_nl + plan.patient_volume_nl
    return pump.handle(
        messages.VerifyProgram(program_crc=crc, rate_check_nl_per_day=rates & 0xFFFFFFFF, volume_check_nl=volumes & 0xFFFFFFFF)
    )


def commit(pump: Pump, flex: tuple[Steps, Steps] = ([], []), **program: int) -> Any:
    """Stages, verifies and commits; the update still has to run. Returns the last reply."""
    staged = stage(pump, flex, **program)
    if isinstance(staged, messages.Refused):
        return staged
    verified = verify(pump, staged.program_crc)
    if isinstance(verified, messages.Refused):
        return verified
    confirm = verified.daily_dose_ng if verified.second_confirmation else 0
    return pump.handle(
        messages.CommitProgram(
            program_crc=verified.program_crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=confirm
        )
    )


def treating(flex: tuple[Steps, Steps] = ([], []), config: dict[str, int] | None = None, **program: int) -> Pump:
    """A pump whose update has just ended, with a program in force."""
    pump = started(config)
    reply = commit(pump, flex, **program)
    assert isinstance(reply, messages.Done), reply
    finish_update(pump)
    assert pump.durable.therapy_state == TherapyState.THERAPY
    return pump


def finish_update(pump: Pump) -> None:
    while pump.controller.update_stage != UpdateStage.IDLE:
        pump.tick()


def even_day(steps: int, dose_ng: int) -> Steps:
    """A schedule of `steps` equal steps."""
    assert 1 <= steps <= FLEX_STEPS
    return [(1440 // steps * i, dose_ng) for i in range(steps)]


class Effects(list[tuple[int, str, int, int]]):
    """Every effect of a pump from now on: (tick, event, arg_0, arg_1)."""

    def __init__(self, pump: Pump) -> None:
        super().__init__()
        pump.on_effect = lambda tick, code, arg_0, arg_1: self.append((tick, Event.name_of(code), arg_0, arg_1))

    def named(self, *names: str) -> list[tuple[int, str, int, int]]:
        return [effect for effect in self if effect[1] in names]

    def ticks_of(self, name: str) -> list[int]:
        return [effect[0] for effect in self if effect[1] == name]


def balanced(pump: Pump) -> bool:
    """The dose account closes."""
    durable = pump.durable
    accounted = durable.step_count * 216_000_000 + durable.acc_q + sum(durable.owed_q) + durable.cancelled_q
    return durable.commanded_q == accounted
