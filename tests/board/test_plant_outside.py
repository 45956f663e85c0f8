"""The firmware with its plant in the bench's hands: what it feels, what ends a credit, and what of the body stands still."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pumpbench.protocol.codes import Event, Fault, FluidKind, Load, Refusal, ResetCause, StopMask, StopReason, TherapyState
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES, TICKS_PER_DAY
from pumpbench.protocol.messages import (
    Arm,
    Disarm,
    Done,
    Identify,
    Inject,
    MeasureBattery,
    PatientBolus,
    ReadLog,
    ReadSnapshot,
    ReadStatus,
    Refused,
    Report,
    Restore,
    RunTo,
    Sense,
    Started,
    Status,
    WriteSnapshot,
)
from tests.board import workshop
from tests.board.bench import START, Bench, StdioDevice, replace, treating
from tests.board.parts import state_told

BOOT_TICKS = 20
ACTUATOR = StopMask.bit_of(StopMask.ACTUATOR)
FOLLOW = StopMask.bit_of(StopMask.FOLLOW)
TREATS = Load.bit_of(Load.RAN) | Load.bit_of(Load.ABOVE_MINIMUM)
# Of 24 hours of the simple program; those up to midnight are one less, since it did not begin at midnight.
STEPS_PER_DAY = 800
OTHER_FAULTS = [fault for fault in range(1, Fault.LINE_SET + 1)
                if fault not in (Fault.MEMORY_FLIP, Fault.POWER_CUT, Fault.RESET)]  # fmt: skip


@contextmanager
def sanitized() -> Iterator[Bench]:
    """A host of a sanitized process, which is clean at its end."""
    with StdioDevice(workshop.sanitized()) as device:
        yield Bench(device)
        assert device.finish() == (0, b"")


@contextmanager
def outside() -> Iterator[Bench]:
    """The simple program in force, at tick 100, and the plant taken outside as it stands."""
    with StdioDevice(workshop.sanitized()) as device:
        bench = treating(device)
        assert isinstance(sense(bench), Report)
        yield bench
        assert device.finish() == (0, b"")


def sense(bench: Bench, **felt: int) -> Any:
    plain = Sense(rotor_count=0, sample_mv=0, emi=0, reset=0, dead=0)
    return bench.ask(replace(plain, **felt))


def inject(bench: Bench, fault: int, arg_0: int = 0) -> Any:
    return bench.ask(Inject(fault=fault, arg_0=arg_0, arg_1=0, arg_2=0))


def refusal_of(reply: object) -> tuple[str, int, int]:
    assert isinstance(reply, Refused), reply
    return Refusal.name_of(reply.refusal), reply.limit, reply.value


def status(bench: Bench) -> Status:
    """Of a session of its own, where the last one has gone."""
    bench.session = 0
    bench.open()
    read = bench.ask(ReadStatus())
    assert isinstance(read, Status)
    return read


def is_inside(bench: Bench) -> bool:
    report = bench.run_to(bench.tick)
    accepted = isinstance(inject(bench, Fault.OCCLUSION, 1), Report)
    assert accepted == (report.plant_crc != 0)
    return accepted


def test_unarmed_pump_keeps_its_plant() -> None:
    with sanitized() as bench:
        assert refusal_of(sense(bench)) == ("not_armed", 0, 0x020C)


@pytest.mark.parametrize("reset", [1, 3, 4, 5, 255])
def test_reset_that_no_plant_makes_is_malformed_and_costs_no_id(reset: int) -> None:
    with sanitized() as bench:
        bench.arm()
        before = state_told(bench)[2]
        assert refusal_of(sense(bench, reset=reset, dead=1)) == ("malformed", 0, 0)
        # Had it counted, its id with other bytes would be stale.
        assert bench.ask(RunTo(target_tick=0, stop_mask=0), bench.bench_id).plant_crc != 0
        assert state_told(bench)[2] == before


def test_controller_feels_what_the_bench_says() -> None:
    with outside() as bench:
        sense(bench, rotor_count=65_535, sample_mv=2_345, emi=1, dead=1)
        plant = state_told(bench)[2]
    assert (plant.rotor_count, plant.sample_mv, plant.emi, plant.dead) == (65_535, 2_345, 1, 1)


def test_nothing_of_the_body_moves_while_it_is_outside() -> None:
    with outside() as bench:
        before = state_told(bench)
        bench.run_to(TICKS_PER_DAY + 100)
        after = state_told(bench)
    assert after[1].step_count == STEPS_PER_DAY - 1
    changed = {one.name for one in layout_of(type(after[2])).fields
               if getattr(before[2], one.name) != getattr(after[2], one.name)}  # fmt: skip
    # Nobody vouched for the rotor, so the controller found it standing, and asks the plant for a tone.
    assert changed == {"tick", "tone_class", "tone_onset_tick", "tone_period_ticks", "tone_duration_ticks"}


@pytest.mark.parametrize("mask", [0, FOLLOW])
def test_rotor_follows_only_where_the_bench_vouches_for_it(mask: int) -> None:
    with outside() as bench:
        sense(bench, rotor_count=65_000)
        bench.run_to(TICKS_PER_DAY, mask)
        _, durable, plant = state_told(bench)
    assert durable.step_count == STEPS_PER_DAY - 1
    assert plant.rotor_count == (65_000 + (durable.step_count if mask else 0)) % 65_536
    assert durable.stalled == (0 if mask else 1)
    assert plant.pumped_pl == 0


def test_credit_that_nobody_vouches_for_ends_at_each_step() -> None:
    with outside() as bench:
        report = bench.run_to(TICKS_PER_DAY, ACTUATOR)
        assert (report.reason, report.step_commanded) == (StopReason.ACTUATOR, 1)
        assert bench.run_to(TICKS_PER_DAY, ACTUATOR).reached_tick > report.reached_tick


def test_credit_that_the_bench_vouches_for_runs_over_steps_to_a_sample() -> None:
    with outside() as bench:
        report = bench.run_to(2 * TICKS_PER_DAY, ACTUATOR | FOLLOW)
        steps = state_told(bench)[1].step_count
    assert (report.reason, report.reached_tick, report.sample_commanded) == (StopReason.ACTUATOR, TICKS_PER_DAY, 1)
    assert steps == STEPS_PER_DAY - 1


def test_credit_that_the_bench_vouches_for_ends_at_a_changed_tone_plan() -> None:
    with outside() as bench:
        bench.ask(replace(START, reservoir_estimated_nl=2_010_000))
        bench.session = 0
        bench.open()
        assert isinstance(bench.commit(), Done)
        bench.run_to(100)
        sense(bench)
        report = bench.run_to(TICKS_PER_DAY - 1, ACTUATOR | FOLLOW)
        steps = state_told(bench)[1].step_count
    assert (report.reason, report.step_commanded, steps) == (StopReason.ACTUATOR, 1, 40)
    assert (report.tone_onset_tick, report.tone_period_ticks, report.tone_duration_ticks) == (report.reached_tick, 36_000, 10)


def test_step_vouched_for_still_ends_a_credit_by_its_effect() -> None:
    with outside() as bench:
        bench.ask(replace(START, reservoir_estimated_nl=2_000_250))
        bench.session = 0
        bench.open()
        assert isinstance(bench.commit(), Done)
        sense(bench)
        mask = FOLLOW | ACTUATOR | StopMask.bit_of(StopMask.EFFECT) | StopMask.bit_of(StopMask.ALARM)
        while (report := bench.run_to(TICKS_PER_DAY, mask)).step_commanded == 0:
            assert report.reason in (StopReason.EFFECT, StopReason.ACTUATOR)
    assert report.reason == StopReason.ALARM


def test_vouching_is_without_effect_while_the_plant_is_inside() -> None:
    with sanitized() as bench:
        bench.arm()
        bench.open()
        assert isinstance(bench.commit(), Done)
        report = bench.run_to(TICKS_PER_DAY, ACTUATOR | FOLLOW)
        assert (report.reason, report.step_commanded) == (StopReason.ACTUATOR, 1)
        assert state_told(bench)[2].rotor_count == 1


def test_sample_that_the_bench_gives_is_the_battery_the_pump_knows() -> None:
    with outside() as bench:
        assert isinstance(bench.ask(MeasureBattery()), Done)
        report = bench.run_to(200, ACTUATOR)
        assert (report.reached_tick, report.sample_commanded) == (101, 1)
        sense(bench, sample_mv=2_777)
        bench.run_to(102)
        assert bench.ask(ReadStatus()).battery_mv == 2_777
        # A level of one tick.
        assert state_told(bench)[2].sample_mv == 0


def test_supply_that_fails_resets_the_controller_to_minimum_rate() -> None:
    with outside() as bench:
        assert sense(bench, reset=ResetCause.LOW_BATTERY).reset_pending == ResetCause.LOW_BATTERY
        report = bench.run_to(1_000, StopMask.bit_of(StopMask.RESET))
        assert (report.reason, report.reached_tick, report.reset_pending, report.load) == (StopReason.RESET, 101, 0, 0)
        bench.run_to(101 + BOOT_TICKS)
        read = status(bench)
    assert (read.reset_cause, read.therapy_state) == (ResetCause.LOW_BATTERY, TherapyState.MINIMUM_RATE)


def test_reset_that_is_pending_stands() -> None:
    with outside() as bench:
        assert inject(bench, Fault.RESET).reset_pending == ResetCause.WATCHDOG
        assert sense(bench, reset=ResetCause.LOW_BATTERY).reset_pending == ResetCause.WATCHDOG
        assert sense(bench).reset_pending == ResetCause.WATCHDOG


def test_dead_controller_does_nothing_until_it_has_a_supply_again() -> None:
    with outside() as bench:
        sense(bench, dead=1)
        before = state_told(bench)[:2]
        report = bench.run_to(10_000)
        assert (report.load & ~Load.bit_of(Load.SESSION), report.effect_count) == (0, sense(bench, dead=1).effect_count)
        assert state_told(bench)[:2] == before
        sense(bench)
        assert bench.run_to(10_001).load & TREATS == TREATS


def test_power_cut_by_the_bench_acts_on_memory_here() -> None:
    with outside() as bench:
        assert isinstance(bench.ask(PatientBolus()), Started)
        inject(bench, Fault.POWER_CUT)
        report = bench.run_to(101)
        assert (report.reset_pending, report.load & TREATS) == (ResetCause.POWER_CUT, TREATS)
        bench.run_to(102 + BOOT_TICKS)
        read = status(bench)
    assert (read.reset_cause, read.boot_count, read.therapy_state) == (ResetCause.POWER_CUT, 2, TherapyState.THERAPY)


def test_flipped_word_is_found_while_the_plant_is_outside() -> None:
    with outside() as bench:
        assert isinstance(bench.ask(Inject(fault=Fault.MEMORY_FLIP, arg_0=60, arg_1=1, arg_2=0)), Report)
        bench.run_to(TICKS_PER_DAY, FOLLOW)
        assert status(bench).log_next_seq < 32
        assert Event.MEMORY_FAULT in [one.code for one in bench.ask(ReadLog(from_seq=0)).entries]


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_fault_of_a_plant_outside_is_refused(fault: int) -> None:
    with outside() as bench:
        assert refusal_of(inject(bench, fault)) == ("fault_unknown", Fault.LINE_SET, fault)


def test_no_digest_is_told_of_a_plant_outside() -> None:
    with outside() as bench:
        assert bench.run_to(5_000).plant_crc == 0
        told = status(bench)
        report = bench.run_to(5_000)
        assert (told.plant_crc, report.plant_crc) == (0, 0)
        assert (told.controller_crc, told.memory_crc) == (report.controller_crc, report.memory_crc)


def test_start_puts_the_plant_inside_again() -> None:
    with outside() as bench:
        assert not is_inside(bench)
        assert bench.ask(START).plant_crc != 0
        assert is_inside(bench)


def test_restore_puts_the_plant_inside_again() -> None:
    with outside() as bench:
        size = bench.ask(ReadSnapshot(offset_bytes=0)).snapshot_bytes
        pages = [bench.ask(ReadSnapshot(offset_bytes=at)).data for at in range(0, size, SNAPSHOT_PAGE_BYTES)]
        for index, page in enumerate(pages):
            bench.ask(WriteSnapshot(offset_bytes=index * SNAPSHOT_PAGE_BYTES, data=page))
        assert not is_inside(bench)
        assert bench.ask(Restore(snapshot_crc=crc32c(b"".join(pages)))).plant_crc != 0
        assert is_inside(bench)


def test_disarmed_pump_has_its_plant_inside_again() -> None:
    with outside() as bench:
        sense(bench, rotor_count=77)
        assert isinstance(bench.ask(Disarm()), Done)
        bench.ask(Arm(build_id=bench.ask(Identify()).build_id))
        assert is_inside(bench)
        assert state_told(bench)[2].rotor_count == 77
        bench.run_to(TICKS_PER_DAY)
        assert state_told(bench)[2].pumped_pl > 0


def test_stalled_rotor_is_found_and_its_turning_again_too() -> None:
    with outside() as bench:
        count = 0
        while not state_told(bench)[1].stalled:
            assert bench.run_to(TICKS_PER_DAY, ACTUATOR).reason == StopReason.ACTUATOR
            sense(bench)
        while state_told(bench)[1].stalled:
            count += bench.run_to(TICKS_PER_DAY, ACTUATOR).step_commanded
            sense(bench, rotor_count=count)
            bench.run_to(bench.tick + 1)
    assert count >= 1


def test_bolus_shows_in_the_load() -> None:
    with outside() as bench:
        assert not bench.run_to(110).load & Load.bit_of(Load.BOLUS)
        assert bench.ask(PatientBolus()).kind == FluidKind.PATIENT
        assert bench.run_to(111).load == TREATS | Load.bit_of(Load.BOLUS) | Load.bit_of(Load.SESSION)
