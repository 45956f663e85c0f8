"""A controller whose plant stands outside is, tick for tick, the one of the whole pump: what it is told is all that it feels."""

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import Plant
from pumpbench.protocol.codes import Fault, Mode, Quirk, ResetCause, RotorFault
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import (
    Configure,
    Done,
    Inject,
    MeasureBattery,
    PatientBolus,
    ReadStatus,
    Report,
    Resume,
    Sense,
    SilenceAlarms,
    Stop,
)
from pumpbench.protocol.messages import TestAlarm as SoundTones
from tests.board.bench import SIMPLE, Bench, replace
from tests.board.parts import state_of
from tests.support import effort

# As fast as the motor goes, a step every nine ticks.
FAST = replace(SIMPLE, dose_ng_per_day=48_000_000, dose_limit_ng=48_000_000, patient_dose_ng=0, patient_duration_ticks=0,
               patient_lockout_ticks=0, patient_count=0, mode=Mode.SIMPLE_CONTINUOUS)  # fmt: skip
CONFIG = [one.name for one in layout_of(Config).fields]


def inject(fault: int, *args: int) -> Inject:
    arg_0, arg_1, arg_2 = (*args, 0, 0, 0)[:3]
    return Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=arg_2)


# What only the whole pump has, what both have, and what a programmer asks of both.
BODY = {
    "stall": inject(Fault.ROTOR, RotorFault.STALLED),
    "limp": inject(Fault.ROTOR, RotorFault.INTERMITTENT, 2, 3),
    "turn": inject(Fault.ROTOR, RotorFault.NONE),
    "field": inject(Fault.FIELD, 1, 50),
    "no field": inject(Fault.FIELD, 0),
    "dim": inject(Fault.BATTERY_RESISTANCE, 100_000_000),
    "bright": inject(Fault.BATTERY_RESISTANCE, 20_000),
    "full": inject(Fault.BATTERY_CHARGE, 1_000_000),
    "drain": inject(Fault.BATTERY_CHARGE, 0),
    "noise": inject(Fault.EMI),
}
BOTH = {"watchdog": inject(Fault.RESET), "cut": inject(Fault.POWER_CUT, 3), "flip": inject(Fault.MEMORY_FLIP, 60, 1)}
ASKED = {"stop": Stop(), "resume": Resume(), "measure": MeasureBattery(), "test": SoundTones(), "silence": SilenceAlarms(),
         "bolus": PatientBolus(), "read": ReadStatus()}  # fmt: skip
ACTS = st.lists(st.tuples(st.sampled_from((*BODY, *BOTH, *ASKED, "commit", "open")), st.integers(1, 40)), min_size=4, max_size=30)


def started() -> Bench:
    bench = Bench()
    bench.arm()
    values = {"stall_steps_count": 2, "quirks": Quirk.bit_of(Quirk.TELEMETRY_HOLD)}
    for name, value in values.items():
        assert isinstance(bench.ask(Configure(config_index=CONFIG.index(name), value=value)), Done)
    bench.open()
    assert isinstance(bench.commit(FAST, rate_check=24_000_000, volume_check=0), Done)
    return bench


def felt(plant: Plant) -> Sense:
    low = plant.reset_pending == ResetCause.LOW_BATTERY
    return Sense(rotor_count=plant.rotor_count, sample_mv=plant.sample_mv, emi=plant.emi,
                 reset=plant.reset_pending if low else 0, dead=plant.dead)  # fmt: skip


def act(whole: Bench, apart: Bench, name: str) -> None:
    # The state keeps the CRC of the last frame, and its number is in it.
    apart.seq = whole.seq
    if name in BODY:
        assert isinstance(whole.ask(BODY[name]), Report)
    elif name == "commit":
        assert whole.commit(FAST, 24_000_000, 0) == apart.commit(FAST, 24_000_000, 0)
    elif name == "open":
        whole.session = apart.session = 0
        assert whole.open() == apart.open()
    else:
        message = BOTH.get(name) or ASKED[name]
        assert without_plant(whole.ask(message)) == without_plant(apart.ask(message))


def without_plant(reply: Any) -> Any:
    """Nor what the link counts: one of the two is told much more."""
    left_out = {"plant_crc", "good_frame_count"}
    names = {one.name for one in layout_of(type(reply)).fields}
    return replace(reply, **dict.fromkeys(left_out & names, 0))


def run_both(whole: Bench, apart: Bench, ticks: int) -> None:
    """Whatever the whole pump's plant comes to, the other is told before the next tick."""
    for _ in range(ticks):
        told = apart.ask(felt(state_of(whole)[2]))
        assert isinstance(told, Report)
        tick = told.reached_tick + 1
        ours, theirs = whole.run_to(tick), apart.run_to(tick)
        low = ours.reset_pending == ResetCause.LOW_BATTERY and theirs.reset_pending == 0
        assert without_plant(replace(ours, reset_pending=0) if low else ours) == theirs
        event(f"reset pending {ours.reset_pending}, load {ours.load:#x}")


@settings(max_examples=effort(100, 3_000))
@given(ACTS)
def test_controller_told_what_the_plant_comes_to_is_that_of_the_whole_pump(acts: list[tuple[str, int]]) -> None:
    whole, apart = started(), started()
    run_both(whole, apart, 40)
    for name, ticks in acts:
        act(whole, apart, name)
        run_both(whole, apart, ticks)
    assert state_of(whole)[:2] == state_of(apart)[:2]
