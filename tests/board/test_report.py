"""The tail of a report, wherever the plant is: what the tick reached asked of it, and which tone it is to sound."""

import pytest

from pumpbench.protocol.codes import Fault, Load, ResetCause, StopMask, ToneClass
from pumpbench.protocol.limits import TICKS_PER_HOUR
from pumpbench.protocol.messages import Close, Inject, PatientBolus, Report, Sense, Started, Stop
from pumpbench.protocol.messages import TestAlarm as SoundTones
from tests.board import workshop
from tests.board.bench import START, Bench, StdioDevice, replace, treating
from tests.board.parts import state_told

RAN, SESSION = Load.bit_of(Load.RAN), Load.bit_of(Load.SESSION)
ABOVE, BOLUS = Load.bit_of(Load.ABOVE_MINIMUM), Load.bit_of(Load.BOLUS)
BOOT_TICKS = 20
either_place = pytest.mark.parametrize("outside", [False, True])


def placed(outside: bool) -> Bench:
    """The simple program in force on a sanitized device, at tick 100, its plant there or here."""
    bench = treating(StdioDevice(workshop.sanitized()))
    if outside:
        assert isinstance(bench.ask(Sense(rotor_count=0, sample_mv=0, emi=0, reset=0, dead=0)), Report)
    return bench


def ended(bench: Bench) -> None:
    assert isinstance(bench.device, StdioDevice)
    assert bench.device.finish() == (0, b"")


@either_place
def test_load_is_that_of_the_tick_reached(outside: bool) -> None:
    bench = placed(outside)
    assert bench.run_to(200).load == RAN | SESSION | ABOVE
    assert isinstance(bench.ask(PatientBolus()), Started)
    assert bench.run_to(201).load == RAN | SESSION | ABOVE | BOLUS
    bench.ask(Stop())
    assert bench.run_to(202).load == RAN | SESSION
    ended(bench)


@either_place
def test_credit_of_no_tick_leaves_the_load_but_for_the_session(outside: bool) -> None:
    bench = placed(outside)
    bench.run_to(200)
    bench.ask(Close())
    assert bench.run_to(200).load == RAN | ABOVE
    bench.session = 0
    bench.open(nonce=6)
    assert bench.run_to(200).load == RAN | ABOVE | SESSION
    ended(bench)


def test_pump_that_has_run_no_tick_since_its_start_asks_for_nothing() -> None:
    bench = placed(outside=False)
    assert bench.run_to(200).load != 0
    report = bench.ask(START)
    assert (report.load, report.reset_pending, report.tone_test_end_tick) == (0, 0, 0)
    ended(bench)


@either_place
def test_reset_is_pending_until_it_is_taken_and_a_boot_asks_for_nothing(outside: bool) -> None:
    bench = placed(outside)
    pending = bench.ask(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    assert (pending.reset_pending, pending.load) == (ResetCause.WATCHDOG, RAN | SESSION | ABOVE)
    for tick in (101, 100 + BOOT_TICKS):
        taken = bench.run_to(tick)
        assert (taken.reset_pending, taken.load) == (0, 0)
    assert bench.run_to(101 + BOOT_TICKS).load == RAN | ABOVE
    ended(bench)


@either_place
def test_tick_that_was_cut_ran_and_tells_its_load_but_no_actuator(outside: bool) -> None:
    bench = placed(outside)
    step_tick = bench.run_to(10_000, StopMask.bit_of(StopMask.ACTUATOR)).reached_tick
    if outside:
        bench.ask(Sense(rotor_count=1, sample_mv=0, emi=0, reset=0, dead=0))
    # A step comes every 1 080 ticks.
    bench.run_to(step_tick + 1_079)
    bench.ask(Inject(fault=Fault.POWER_CUT, arg_0=0, arg_1=0, arg_2=0))
    cut = bench.run_to(step_tick + 1_080)
    assert (cut.step_commanded, cut.load, cut.reset_pending) == (0, RAN | SESSION | ABOVE, ResetCause.POWER_CUT)
    assert state_told(bench)[1].step_count == 2
    ended(bench)


@either_place
def test_tone_plan_and_test_are_those_the_plant_sounds(outside: bool) -> None:
    bench = placed(outside)
    bench.ask(replace(START, reservoir_estimated_nl=2_000_000))
    if outside:
        bench.ask(Sense(rotor_count=0, sample_mv=0, emi=0, reset=0, dead=0))
    assert bench.run_to(0).tone_period_ticks == 0
    report = bench.run_to(1)
    assert report.tone_class == ToneClass.NON_CRITICAL
    assert (report.tone_onset_tick, report.tone_period_ticks, report.tone_duration_ticks) == (1, TICKS_PER_HOUR, 10)
    bench.session = 0
    bench.open()
    bench.ask(SoundTones())
    assert bench.run_to(1).tone_test_end_tick == 41
    bench.ask(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    silent = bench.run_to(2)
    assert (silent.tone_onset_tick, silent.tone_period_ticks, silent.tone_duration_ticks) == (0, 0, 0)
    assert silent.tone_test_end_tick == 0
    ended(bench)
