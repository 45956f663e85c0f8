"""Both sides answer alike on, inside and outside every bound: of programs, requests, faults, settings, starts and roles."""

from collections.abc import Iterator
from typing import Any

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, Mode, Refusal, Role
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import (
    Bolus,
    Close,
    Configure,
    FlexStep,
    Inject,
    Refill,
    ResetToStart,
    SetClock,
    StageFlex,
    StageProgram,
    WriteRecord,
)
from tests.parity.acts import Act, ArmIt, Ask, Bench, Commit, GiveBolus, OpenIt, Run, Verify
from tests.parity.desk import Desk, twin
from tests.parity.draw_faults import ARGUMENTS
from tests.parity.draw_numbers import message_of
from tests.parity.draw_therapy import REQUESTS
from tests.parity.sides import Firmware, library
from tests.parity.test_cuts_parity import START, staged
from tests.parity.walks import play
from tests.support import rng

U32_MAX = 0xFFFF_FFFF
Row = tuple[StageProgram, tuple[FlexStep, ...], tuple[FlexStep, ...]]

SIMPLE = staged(Mode.SIMPLE_CONTINUOUS, 1, dose_ng_per_day=400_000)
INTERVAL = staged(
    Mode.INTERVAL_BOLUS, 1, dose_ng_per_day=200_000, interval_unit=1, interval_count=60, interval_dose_ng=10_000,
    interval_duration_ticks=600,
)  # fmt: skip
SINGLE = staged(Mode.SINGLE_BOLUS, 1, single_dose_ng=50_000, single_duration_ticks=6_000)
PATIENT = staged(
    Mode.SIMPLE_CONTINUOUS, 1, dose_ng_per_day=400_000, patient_dose_ng=5_000, patient_duration_ticks=600,
    patient_lockout_ticks=6_000, patient_count=3,
)  # fmt: skip
FLEX = staged(Mode.FLEX, 1, dose_ng_per_day=500_000)
STEPS = (FlexStep(start_minute=0, dose_ng=200_000), FlexStep(start_minute=720, dose_ng=300_000))
STOPPED = staged(Mode.STOPPED, 1)
MINIMUM = staged(Mode.MINIMUM_RATE, 1)
BASES = {"simple": SIMPLE, "interval": INTERVAL, "single": SINGLE, "patient": PATIENT, "flex": FLEX, "stopped": STOPPED,
         "minimum": MINIMUM}  # fmt: skip
# Every number a rule of section 3 compares with, and those it takes a rate to; each is tried a step to both sides.
NUMBERS = {
    "mode": (5,), "concentration_ug_per_ml": (1, 4000), "dose_ng_per_day": (0, 96_000, 48_000_000), "schedule_days": (0, 127),
    "low_reservoir_nl": (500_000, 20_000_000), "dose_limit_ng": (1, 48_000_000), "critical_interval_ticks": (300, 72_000),
    "interval_unit": (0, 1, 2), "interval_count": (0, 15, 168, 10_080), "interval_dose_ng": (0, 33_333),
    "interval_duration_ticks": (0, 10, 36_000, 864_000), "single_dose_ng": (0, 333_333, 48_000_000),
    "single_duration_ticks": (0, 10, 864_000), "patient_dose_ng": (0, 33_333), "patient_duration_ticks": (0, 10, 864_000),
    "patient_lockout_ticks": (0, 600, 864_000), "patient_count": (0, 1, 8), "bridge": (0, 1),
}  # fmt: skip


def begun(*acts: Act) -> Desk:
    one = library()
    desk = twin(Firmware(one), one.build_id)
    play([ArmIt(), Bench(START), OpenIt(), *acts], desk)
    return desk


def beside(numbers: tuple[int, ...], hi: int) -> list[int]:
    """Each number, one less and one more, as far as the field holds them."""
    return sorted({value for number in numbers for value in (number - 1, number, number + 1) if 0 <= value <= hi})


def check(desk: Desk, plan: Row) -> None:
    program, *schedules = plan
    acts: list[Act] = [Ask(program)]
    acts += [Ask(StageFlex(schedule=i, steps=steps)) for i, steps in enumerate(schedules) if steps]
    # A rule is judged with the programmer's sums right, then with each of them wrong.
    play([*acts, Verify(), Verify(rate_step=1), Verify(volume_step=1), Verify(crc_xor=1)], desk)


@pytest.mark.parametrize("name", BASES)
def test_program_on_either_side_of_every_bound_gets_the_same_judgement(name: str) -> None:
    desk = begun()
    base, flex = BASES[name], STEPS if name == "flex" else ()
    for field_name, numbers in NUMBERS.items():
        for value in beside(numbers, layout_of(StageProgram).field(field_name).hi):
            check(desk, (replace(base, **{field_name: value}), flex, ()))
    assert len(desk.tally.refusals) >= 5
    assert desk.tally.replies["Verified"] >= 1


def flex_rows() -> Iterator[tuple[tuple[FlexStep, ...], tuple[FlexStep, ...]]]:
    """Counts, orders, sums and rates of flex schedules at their edges."""

    def steps(*pairs: tuple[int, int]) -> tuple[FlexStep, ...]:
        return tuple(FlexStep(start_minute=minute, dose_ng=dose) for minute, dose in pairs)

    whole = steps((0, 200_000), (720, 300_000))
    for count in (1, 2, 12, 13, 14, 16):
        even = steps(*((60 * i, 500_000 // count + (i == 0) * (500_000 % count)) for i in range(count)))
        yield even, ()
        yield whole, even
    for pairs in (
        ((1, 500_000),),
        ((0, 1), (0, 499_999)),
        ((0, 250_000), (60, 0), (59, 250_000)),
        ((0, 500_001),),
        ((0, 499_999),),
    ):
        yield steps(*pairs), ()
        yield whole, steps(*pairs)
    for dose in (0, 1, 66, 67, 33_333, 33_334):  # of one minute, where the rate is 720 nl/day for a nanogram
        yield steps((0, 500_000 - dose), (1439, dose)), ()


def test_flex_program_on_either_side_of_every_bound_gets_the_same_judgement() -> None:
    desk = begun()
    for one, other in flex_rows():
        for days in (0, 1, 127):
            check(desk, (replace(FLEX, schedule_days=days), one, other))
    assert {"flex_count", "flex_order", "flex_sum", "rate_too_low"} <= desk.tally.refusals.keys()


def test_bridge_of_any_rate_gets_the_same_judgement() -> None:
    old = (Ask(staged(Mode.SIMPLE_CONTINUOUS, 2, dose_ng_per_day=400_000)), Verify(), Commit(), Run(40))
    desk = begun(*old, Bench(Configure(config_index=INDEX["rate_min_nl_per_day"], value=1)))
    for dose in (1, 2, 3, 4, 5, 1000, 48_000_000, 48_000_001, U32_MAX):
        for concentration in (1, 1000, 4000, 2000):
            check(desk, (replace(SIMPLE, bridge=1, dose_ng_per_day=dose, concentration_ug_per_ml=concentration), (), ()))
    assert "rate_too_high" in desk.tally.refusals


INDEX = {field.name: at for at, field in enumerate(layout_of(Config).fields)}


def test_setting_on_either_side_of_every_bound_gets_the_same_answer() -> None:
    desk = begun()
    for at, field in enumerate(layout_of(Config).fields):
        for value in beside((field.lo, field.hi, U32_MAX, 2**64 - 1), 2**64 - 1):
            play([Bench(Configure(config_index=at, value=value))], desk)
    assert desk.tally.refusals["config_range"] >= len(INDEX)


def test_start_on_either_side_of_every_bound_gets_the_same_answer() -> None:
    desk = begun()
    bounds = {
        "reservoir_true_nl": (20_000_000,), "reservoir_estimated_nl": (20_000_000,), "concentration_ug_per_ml": (4000,),
        "line_ug_per_ml": (4000,), "catheter_length_mm": (1500,), "tubing_nl": (1_000_000,), "charge_nc": (9_000_000_000_000,),
        "life_ticks": (2_209_032_000,), "clock_day_ticks": (863_999,),
    }  # fmt: skip
    for name, numbers in bounds.items():
        for value in beside(numbers, layout_of(ResetToStart).field(name).hi):
            play([Bench(replace(START, **{name: value})), Run(2)], desk)
    for tubing in (15_999, 16_000, 16_001, 24_000):
        play([Bench(replace(START, catheter_length_mm=0, tubing_nl=tubing)), Run(2)], desk)
    assert desk.tally.refusals["record_range"] >= len(bounds) - 1


def fault_bounds(fault: int) -> tuple[int, ...]:
    return {
        Fault.ROTOR: (0, 1, 2, 1_000_000), Fault.FIELD: (0, 1, 864_000), Fault.OCCLUSION: (1_000_000,), Fault.LEAK: (1_000_000,),
        Fault.FLOW: (1, 1_000_000, 2_000_000), Fault.BATTERY_CHARGE: (1_000_000,), Fault.BATTERY_RESISTANCE: (100_000_000,),
        Fault.MEMORY_FLIP: (0, 553, 554, 555, 560), Fault.POWER_CUT: (65_534,), Fault.REFILL: (4000, 5_000_000, 20_000_000),
        Fault.POCKET_FILL: (20_000_000,), Fault.LINE_SET: (4000,),
    }.get(fault, (0,))  # fmt: skip


@pytest.mark.parametrize("fault", sorted(ARGUMENTS) + [0, 15])
def test_fault_on_either_side_of_every_bound_gets_the_same_answer(fault: int) -> None:
    desk = begun()
    values = beside((*fault_bounds(fault), 0), U32_MAX)
    for arg_0 in values:
        for arg_1 in values:
            for arg_2 in (0, 1, 4000, 4001):
                fresh: list[Act] = [Bench(START)] if fault in (Fault.REFILL, Fault.POWER_CUT) else []
                play([*fresh, Bench(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=arg_2))], desk)
    play([Run(3)], desk)
    assert desk.tally.refusals.keys() & {"fault_range", "fault_unknown"}


def in_therapy() -> Desk:
    return begun(Ask(PATIENT), Verify(), Commit(), Run(60))


def requests() -> Iterator[Act]:
    """Requests at the edges of their own bounds."""
    for duration in beside((10, 864_000), U32_MAX):
        yield GiveBolus(1000, duration)
        yield GiveBolus(33_333, duration)
    for dose in (0, 1, 2, 33_333, 80_000_000, 80_000_001, U32_MAX):
        yield GiveBolus(dose, 10)
        yield GiveBolus(dose, 864_000)
    for volume in (0, 1, 40_000_000, 40_000_001, U32_MAX):
        yield Ask(Bolus(dose_ng=80_000_000, volume_nl=volume, duration_ticks=1000))
    for ticks in beside((863_999, U32_MAX), U32_MAX):
        yield Ask(SetClock(clock_day=65_535, clock_day_ticks=ticks))
    for mm in beside((1500,), 65_535):
        yield Ask(WriteRecord(drug=1, catheter_length_mm=mm, tubing_nl=1))
    for tubing in beside((1_000_000,), U32_MAX):
        yield Ask(WriteRecord(drug=65_535, catheter_length_mm=100, tubing_nl=tubing))
    for measured in (0, 14_999_000, 15_000_000, 20_000_000, 20_000_001):
        for fill in (0, 499_999, 500_000, 500_001, 20_000_000, 20_000_001):
            yield Ask(Refill(measured_nl=measured, fill_nl=fill))


def test_request_on_either_side_of_every_bound_gets_the_same_answer() -> None:
    before = in_therapy().reference.snapshot()
    desk = in_therapy()
    assert desk.other is not None
    for act in requests():
        desk.pump.restore(before)
        desk.other.device.restore(before)  # type: ignore[attr-defined]
        play([act, Run(1)], desk)
    assert {"duration_range", "rate_too_high", "volume_range", "clock_range", "record_range"} <= desk.tally.refusals.keys()


def test_patient_bolus_a_tick_before_and_at_the_end_of_its_lockout_gets_the_same_answer() -> None:
    desk = in_therapy()
    for ticks in (5_999, 1, 5_998, 2, 864_000 - 12_001, 1, 1, 5_999, 1):
        play([Ask(Close()), OpenIt(role=Role.PATIENT), Ask(messages.PatientBolus()), Run(ticks)], desk)
    assert {"lockout", "daily_maximum"} <= desk.tally.refusals.keys()
    assert desk.tally.replies["Started"] >= 3


@pytest.mark.parametrize("name", [cls.__name__ for cls in REQUESTS])
def test_patient_may_ask_for_the_same_on_both_sides(name: str) -> None:
    draw = rng(f"patient {name}")
    desk = in_therapy()
    play([Ask(Close()), OpenIt(role=Role.PATIENT), Ask(message_of(draw, layout_class(name)))], desk)
    forbidden = Refusal.name_of(Refusal.ROLE_FORBIDDEN) in desk.tally.refusals
    assert forbidden == (name not in ("Open", "ReadStatus", "PatientBolus", "Close"))


def layout_class(name: str) -> Any:
    return messages.REGISTRY.named(name)
