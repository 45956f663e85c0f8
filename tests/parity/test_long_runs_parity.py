"""Long therapy: the firmware runs every tick, the reference leaps, and after every day both are in the same state."""

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.protocol.codes import Event, Fault, Mode, Role, TherapyState
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import STEP_NL, TICKS_PER_DAY, TICKS_PER_HOUR
from pumpbench.protocol.messages import (
    Close,
    Configure,
    FlexStep,
    Inject,
    PatientBolus,
    Refill,
    ResetToStart,
    StageFlex,
    StageProgram,
)
from tests.firmware_emu.seven_years import STEP_DOSES_NG, STEP_HOURS
from tests.parity.acts import Act, ArmIt, Ask, Bench, Commit, OpenIt, Run, Verify
from tests.parity.desk import Desk, twin
from tests.parity.sides import Firmware, library
from tests.parity.walks import play

LIFE_TICKS = 2_209_032_000
LEAPS_MAX = 110_000
FILL_NL = 20_000_000
REFILL_DAYS = 120
PATIENT_NG = 10_000
CONCENTRATION = 2_000
CAPACITY_INDEX = [field.name for field in layout_of(Config).fields].index("battery_capacity_nc")
STEPS = tuple(FlexStep(start_minute=60 * h, dose_ng=dose) for h, dose in zip(STEP_HOURS, STEP_DOSES_NG, strict=True))


def begun() -> Desk:
    """Both sides with a 13-step program on the hour, a patient bolus, and a battery that outlasts the pump."""
    one = library()
    desk = twin(Firmware(one), one.build_id)
    start = ResetToStart(
        model=1, serial=1, implant_day=0, calendar_origin_day=0, drug=1, catheter_length_mm=500, tubing_nl=200_000,
        reservoir_true_nl=FILL_NL, reservoir_estimated_nl=FILL_NL, concentration_ug_per_ml=CONCENTRATION,
        line_ug_per_ml=CONCENTRATION, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
    )  # fmt: skip
    program = StageProgram(
        program_id=1, mode=Mode.FLEX, schedule_days=0, concentration_ug_per_ml=CONCENTRATION, dose_ng_per_day=sum(STEP_DOSES_NG),
        low_reservoir_nl=2_000_000, dose_limit_ng=400_000, critical_interval_ticks=6_000, interval_unit=0, patient_count=2,
        interval_count=0, interval_dose_ng=0, interval_duration_ticks=0, single_dose_ng=0, single_duration_ticks=0,
        patient_dose_ng=PATIENT_NG, patient_duration_ticks=6_000, patient_lockout_ticks=36_000, bridge=0,
    )  # fmt: skip
    battery = Configure(config_index=CAPACITY_INDEX, value=40_000_000_000_000)
    programmed = [Ask(program), Ask(StageFlex(schedule=0, steps=STEPS)), Verify(), Commit()]
    play([ArmIt(), Bench(battery), Bench(start), OpenIt(), *programmed, Ask(Close())], desk)
    return desk


def day(desk: Desk) -> list[Act]:
    """To noon, the patient's bolus, to midnight; a refill where it is due."""
    number, tick = divmod(desk.pump.plant.tick, TICKS_PER_DAY)
    refill: list[Act] = []
    if number and number % REFILL_DAYS == 0:
        measured = desk.pump.plant.reservoir_true_pl // 1000
        filled = Inject(fault=Fault.REFILL, arg_0=FILL_NL, arg_1=FILL_NL, arg_2=CONCENTRATION)
        refill = [Bench(filled), OpenIt(), Ask(Refill(measured_nl=measured, fill_nl=FILL_NL)), Ask(Close())]
    bolus = [OpenIt(role=Role.PATIENT), Ask(PatientBolus()), Ask(Close())]
    noon = 12 * TICKS_PER_HOUR + 300
    return [*refill, Run(noon - tick), *bolus, Run(TICKS_PER_DAY - noon)]


def test_sixty_days_of_dense_ticks_equal_the_leaps_of_the_reference() -> None:
    desk = begun()
    for _ in range(60):
        play(day(desk), desk)
    print(desk.tally)
    check_delivered(desk, 60)


@pytest.mark.soak
def test_standard_seven_years_of_dense_ticks_equal_the_leaps_of_the_reference() -> None:
    desk = begun()
    days, rest = divmod(LIFE_TICKS, TICKS_PER_DAY)
    for _ in range(days):
        play(day(desk), desk)
    play([Run(rest - 1)], desk)
    assert desk.pump.durable.therapy_state == TherapyState.THERAPY
    check_delivered(desk, days)
    play([Run(1)], desk)
    print(desk.tally, f"{desk.pump.leaps} leaps")
    assert desk.pump.durable.therapy_state == TherapyState.ENDED
    assert desk.tally.events[Event.name_of(Event.ERI_REACHED)] == 1
    assert desk.pump.leaps <= LEAPS_MAX


def check_delivered(desk: Desk, boluses: int) -> None:
    """What flowed is what was programmed, to a step: all doses are whole nanolitres here."""
    pump = desk.pump
    flowed_q = pump.durable.commanded_q - sum(pump.durable.owed_q) - pump.durable.acc_q
    assert desk.tally.replies["Started"] == boluses
    assert pump.plant.pumped_pl == pump.plant.delivered_pl == pump.durable.step_count * STEP_NL * 1000
    assert flowed_q == pump.durable.step_count * STEP_NL * 864_000
    assert not pump.durable.cancelled_q
