"""Firmware that is not ours behind our wire, by the four functions of PLUG_IN.md: as a process and as an image."""

from functools import cache
from pathlib import Path

import pytest

from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.codes import Alarm, Level, Refusal, StopMask, StopReason, TherapyState
from pumpbench.protocol.messages import Identify, ReadStatus, Refused
from tests.board import workshop
from tests.board.bench import START, Bench, StdioDevice, replace
from tests.board.emulated import Line
from tests.support import require

OWN = workshop.BOARD / "example" / "own_pump.c"
LITTLE = replace(START, reservoir_true_nl=500)
EMPTY_AT_TICK = 200  # two steps of 250 nl, one every 100 ticks


@cache
def made(goal: str, *words: str) -> Path:
    """The folder in which one goal of the Makefile was built with the plugged-in pump."""
    require("cc")
    require("make")
    folder = workshop.scratch() / "-".join(("own", goal, *words))
    workshop.run("make", "-s", "-C", workshop.BOARD, goal, f"PLUG_IN={OWN}", f"BUILD={folder}", "WERROR=-Werror", *words)
    return folder


def emptied(bench: Bench) -> None:
    """Judges a run from a nearly empty reservoir."""
    bench.arm(LITTLE)
    stopped = bench.run_to(1_000, StopMask.bit_of(StopMask.ACTUATOR))
    assert (stopped.reached_tick, stopped.reason, stopped.step_commanded) == (100, StopReason.ACTUATOR, 1)
    alarmed = bench.run_to(1_000, StopMask.bit_of(StopMask.ALARM))
    assert (alarmed.reached_tick, alarmed.reason, alarmed.effect_count) == (EMPTY_AT_TICK, StopReason.ALARM, 2)
    bench.open()
    status = bench.ask(ReadStatus())
    assert (status.therapy_state, status.alarms_active) == (TherapyState.EMPTY, Alarm.bit_of(Alarm.EMPTY_RESERVOIR))
    assert (status.step_count, status.reservoir_estimated_nl) == (2, 0)


def test_plugged_in_pump_runs_credits_and_tells_its_effects() -> None:
    with StdioDevice(made("host") / "pumpbench-native") as device:
        emptied(Bench(device))


def test_plugged_in_pump_runs_on_a_board() -> None:
    require("arm")
    require("qemu")
    with QemuTarget("mps2-an385", made("firmware-mps2") / "firmware" / "mps2.elf") as target:
        emptied(Bench(Line(target)))


@pytest.mark.parametrize(("words", "level"), [((), Level.L1), (("LEVEL=2",), Level.L2)])
def test_plugged_in_pump_states_the_level_it_was_built_with(words: tuple[str, ...], level: int) -> None:
    with StdioDevice(made("host", *words) / "pumpbench-native") as device:
        assert Bench(device).ask(Identify()).level == level


def test_start_that_is_refused_changes_nothing() -> None:
    with StdioDevice(made("host") / "pumpbench-native") as device:
        bench = Bench(device)
        bench.arm(LITTLE)
        bench.run_to(EMPTY_AT_TICK)
        refused = bench.ask(replace(START, reservoir_true_nl=4_000_000_000))
        assert isinstance(refused, Refused)
        assert refused.refusal == Refusal.RECORD_RANGE
        assert bench.run_to(EMPTY_AT_TICK).effect_count == 2


def test_page_names_every_function_the_example_supplies() -> None:
    page = (workshop.BOARD / "PLUG_IN.md").read_text()
    supplied = {"pb_tick", "pb_start", "pb_power_on"}
    source = OWN.read_text()
    assert all(f" {name}(pb_pump_t *pump" in source for name in supplied)
    assert all(name in page for name in supplied | {"core_rx_isr", "hal_put", "pb_device_push"})
