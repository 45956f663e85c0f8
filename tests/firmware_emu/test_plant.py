"""The body of the pump: where fluid and drug go."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.line import shift_line
from pumpbench.firmware_emu.plant import is_locked, rest_mv, step_motor
from pumpbench.firmware_emu.plant_coast import move_steps, unclamped_steps
from pumpbench.firmware_emu.state import Plant
from pumpbench.protocol.codes import Fault
from tests.firmware_emu import build

PARCELS = st.lists(st.integers(0, 4_000_000), min_size=32, max_size=32)


@given(PARCELS, st.integers(0, 4_000_000), st.integers(0, 1_000_000))
def test_a_line_keeps_its_drug_over_mixing(line: list[int], entering: int, mix_ppm: int) -> None:
    before, leaving = sum(line), line[-1]
    shift_line(line, entering, mix_ppm)
    assert sum(line) == before + entering - leaving
    assert len(line) == 32


@given(st.integers(0, 4_000_000), st.integers(0, 1_000_000))
def test_an_even_line_stays_as_it_is(concentration: int, mix_ppm: int) -> None:
    line = [concentration] * 32
    shift_line(line, concentration, mix_ppm)
    assert line == [concentration] * 32


def test_what_leaves_the_pump_is_leaked_or_delivered() -> None:
    pump = build.treating()
    pump.inject(Fault.LEAK, 123_456)
    pump.inject(Fault.FLOW, 987_654, 1_000)
    true_pl = pump.plant.reservoir_true_pl + pump.plant.pumped_pl
    pump.leap(3_000_000)
    plant = pump.plant
    assert plant.reservoir_true_pl + plant.pumped_pl == true_pl
    assert plant.pumped_pl == plant.leaked_pl + plant.delivered_pl
    assert plant.leaked_pl == plant.pumped_pl * 123_456 // 1_000_000


def test_a_full_occlusion_lets_the_rotor_turn_and_nothing_out() -> None:
    pump = build.treating()
    pump.inject(Fault.OCCLUSION, 1_000_000)
    pumped, turns = pump.plant.pumped_pl, pump.plant.rotor_count
    pump.leap(100_000)
    assert pump.plant.pumped_pl == pumped
    assert pump.plant.rotor_count > turns


def test_drug_reaches_the_tip_only_after_the_line_is_through() -> None:
    pump = build.started(line_ug_per_ml=0)
    build.commit(pump, dose_ng_per_day=24_000_000, dose_limit_ng=48_000_000)
    line_pl = 32 * pump.plant.parcel_pl
    while pump.plant.delivered_pl < line_pl // 2:
        pump.leap(100)
    assert pump.plant.delivered_fg < pump.plant.delivered_pl * 2_000 // 1_000
    while pump.plant.delivered_pl < 3 * line_pl:
        pump.leap(1_000)
    assert pump.plant.line_ng_per_ml[31] > 1_990_000


def test_a_refill_mixes_what_is_left_with_what_comes() -> None:
    pump = build.started(reservoir_true_nl=10_000_000)
    assert pump.inject(Fault.REFILL, 5_000_000, 15_000_000, 1_000) is None
    assert (pump.plant.reservoir_true_pl, pump.plant.reservoir_ng_per_ml) == (20_000_000_000, 1_250_000)
    refused = pump.inject(Fault.REFILL, 0, 1, 1_000)
    assert refused is not None
    assert (refused.limit, refused.value) == (20_000_000, 20_000_001)


def test_the_rest_voltage_meets_the_points_of_the_table() -> None:
    config = Config(battery_capacity_nc=16_000_000)
    found = [rest_mv(Plant(charge_nc=charge), config) for charge in (0, 500_000, 1_000_000, 15_000_000, 16_000_000, 20_000_000)]
    assert found == [1_900, 2_125, 2_350, 2_960, 3_050, 3_050]


@given(
    seed_line=PARCELS, true_pl=st.integers(0, 20_000_000), flow_ppm=st.integers(1, 2_000_000),
    occlusion=st.integers(0, 1_000_000), leak=st.integers(0, 1_000_000), steps=st.integers(1, 60), bolus=st.booleans(),
    run=st.integers(1, 5), miss=st.integers(1, 5), parcel=st.integers(500_000, 3_000_000),
)  # fmt: skip
def test_many_steps_at_once_equal_one_after_another(
    seed_line: list[int], true_pl: int, flow_ppm: int, occlusion: int, leak: int, steps: int, bolus: bool, run: int, miss: int,
    parcel: int,
) -> None:  # fmt: skip
    plant = Plant(
        reservoir_true_pl=true_pl, reservoir_ng_per_ml=2_000_000, flow_ppm=flow_ppm, occlusion_ppm=occlusion, leak_ppm=leak,
        line_ng_per_ml=seed_line, parcel_pl=parcel, rotor_fault=2 if run == 1 else 0, rotor_run_count=100 * run,
        rotor_miss_count=miss,
    )  # fmt: skip
    one_by_one = plant.clone()
    locked = is_locked(plant)
    steps = unclamped_steps(plant, steps)
    if steps:
        move_steps(plant, Config(), steps, locked, bolus)
    for _ in range(steps):
        step_motor(one_by_one, Config(), bolus)
    assert plant == one_by_one
