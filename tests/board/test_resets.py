"""What a reset keeps of a bridge, a commit and an interval, and what an empty reservoir ends."""

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.program import Program
from pumpbench.protocol.codes import Event, Fault, FluidKind, FluidOutcome, IntervalUnit, Mode, ResetCause, TherapyState
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import Q_PER_NL, TICKS_PER_HOUR
from pumpbench.protocol.messages import Configure, Done, Inject, Prime, ReadLog, Resume, Started, Stop
from tests.board.bench import SIMPLE, START, Bench, replace, treating
from tests.board.parts import change, state_of

# Over the simple program: half the drug for half the dose. The line's 310 000 nl of old drug leave at 100 000 nl a day.
BRIDGED = replace(SIMPLE, program_id=10, concentration_ug_per_ml=1_000, dose_ng_per_day=200_000, bridge=1)
BRIDGE_RATE_Q = 100_000
LINE_Q = 310_000 * Q_PER_NL
BOOT_TICKS = 20
# A commit 23 ticks after its request; its list is the log's two entries (one without a bridge), the commit word, the check-point.
COMMIT_TICKS = 23
LOGGED_WORDS = 8


def reset_at(bench: Bench, tick: int) -> None:
    """Runs there, and on to the end of the tick in which the boot is complete."""
    bench.run_to(tick)
    bench.ask(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    bench.run_to(tick + 1 + BOOT_TICKS)
    bench.session = 0


def bridging() -> Bench:
    bench = treating()
    assert isinstance(bench.commit(BRIDGED, rate_check=200_000, volume_check=20_000), Done)
    return bench


def cut_in_commit(bench: Bench, commit_tick: int, words: int) -> None:
    """Power fails behind so many words of the tick that commits."""
    bench.run_to(commit_tick - 1)
    bench.ask(Inject(fault=Fault.POWER_CUT, arg_0=words, arg_1=0, arg_2=0))
    bench.run_to(commit_tick)


def test_bridge_goes_on_after_a_reset_less_the_hour_that_may_have_flowed() -> None:
    bench = bridging()
    bench.run_to(2 * TICKS_PER_HOUR)
    before_q = state_of(bench)[1].owed_q[FluidKind.BRIDGE]
    reset_at(bench, 2 * TICKS_PER_HOUR + 500)
    durable = state_of(bench)[1]
    # And the tick of the boot itself.
    assert durable.owed_q[FluidKind.BRIDGE] == before_q - BRIDGE_RATE_Q * (TICKS_PER_HOUR + 1)


def test_bridge_of_a_stopped_pump_waits_out_a_reset_whole() -> None:
    bench = bridging()
    bench.run_to(2_000)
    bench.ask(Stop())
    before_q = state_of(bench)[1].owed_q[FluidKind.BRIDGE]
    assert 0 < before_q < LINE_Q
    reset_at(bench, 2 * TICKS_PER_HOUR)
    assert state_of(bench)[1].owed_q[FluidKind.BRIDGE] == before_q
    bench.open()
    assert isinstance(bench.ask(Resume()), Done)
    bench.run_to(2 * TICKS_PER_HOUR + 1 + BOOT_TICKS + 10)
    assert state_of(bench)[1].owed_q[FluidKind.BRIDGE] == before_q - 10 * BRIDGE_RATE_Q


@pytest.mark.parametrize(("concentration", "runs"), [(1, False), (2, True)])
def test_bridge_faster_than_the_motor_does_not_run(concentration: int, runs: bool) -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    plain = replace(SIMPLE, patient_count=0, patient_dose_ng=0, patient_duration_ticks=0, patient_lockout_ticks=0)
    thin = replace(plain, concentration_ug_per_ml=concentration, dose_ng_per_day=1_000)
    assert isinstance(bench.commit(thin, rate_check=1_000 * 1_000 // concentration, volume_check=0), Done)
    bench.run_to(100)
    thick = replace(plain, program_id=10, concentration_ug_per_ml=4, dose_ng_per_day=40_000)
    assert isinstance(bench.commit(thick, rate_check=10_000_000, volume_check=0), Done)
    # No request brings such a program past verify; a restore does. 40 000 ng in a drug of 1 ug/mL are 40 mL a day.
    program = Program.from_bytes(bytes(state_of(bench)[0].staged))
    program.bridge = 1
    change(bench, "controller", staged=program.to_bytes())
    bench.run_to(200)
    controller, durable, _ = state_of(bench)
    assert Program.from_bytes(bytes(controller.program)).bridge == 1
    assert (durable.owed_q[FluidKind.BRIDGE] > 0) == runs


def test_bridge_does_not_outlive_the_therapy_it_belongs_to() -> None:
    bench = bridging()
    bench.run_to(2 * TICKS_PER_HOUR)
    change(bench, "plant", reset_pending=ResetCause.LOW_BATTERY)
    bench.run_to(2 * TICKS_PER_HOUR + 1 + BOOT_TICKS)
    durable = state_of(bench)[1]
    assert durable.therapy_state == TherapyState.MINIMUM_RATE
    assert (durable.owed_q[FluidKind.BRIDGE], durable.bolus_q[FluidKind.BRIDGE]) == (0, 0)


def test_bridge_of_a_stopped_pump_does_not_outlive_a_low_battery_and_bars_no_commit() -> None:
    bench = bridging()
    bench.run_to(2_000)
    bench.ask(Stop())
    change(bench, "plant", reset_pending=ResetCause.LOW_BATTERY)
    bench.run_to(2_001 + BOOT_TICKS)
    bench.session = 0
    bench.open()
    durable = state_of(bench)[1]
    assert (durable.therapy_state, durable.owed_q[FluidKind.BRIDGE]) == (TherapyState.STOPPED, 0)
    assert isinstance(bench.commit(replace(SIMPLE, program_id=11)), Done)


@pytest.mark.parametrize("words", [2 * LOGGED_WORDS + 1, 2 * LOGGED_WORDS + 50])
def test_commit_cut_before_its_checkpoint_takes_effect_at_boot_with_its_bridge(words: int) -> None:
    bench = bridging()
    cut_in_commit(bench, 100 + COMMIT_TICKS, words)
    bench.run_to(100 + COMMIT_TICKS + 1 + BOOT_TICKS)
    controller, durable, _ = state_of(bench)
    assert durable.therapy_state == TherapyState.THERAPY
    assert (controller.program[0], durable.program_seq) == (10, 3)
    assert durable.owed_q[FluidKind.BRIDGE] == LINE_Q - BRIDGE_RATE_Q
    assert durable.bolus_q[FluidKind.BRIDGE] == BRIDGE_RATE_Q


def test_commit_cut_short_is_told_behind_its_boot_and_the_log_goes_on() -> None:
    bench = bridging()
    cut_in_commit(bench, 100 + COMMIT_TICKS, 2 * LOGGED_WORDS + 1)
    bench.run_to(100 + COMMIT_TICKS + 1 + BOOT_TICKS)
    bench.session = 0
    bench.open()
    newest = bench.ask(ReadLog(from_seq=0)).next_seq - 5
    # Power left the two entries of the commit itself; the boot's stand behind them.
    entries = bench.ask(ReadLog(from_seq=newest)).entries
    assert [one.entry_seq for one in entries] == list(range(newest, newest + 5))
    assert [(one.boot_count, one.code, one.arg_0, one.arg_1) for one in entries] == [
        (1, Event.BOLUS_STARTED, FluidKind.BRIDGE, 310_000),
        (1, Event.PROGRAM_COMMITTED, 10, 3),
        (2, Event.BOOT_COMPLETED, ResetCause.POWER_CUT, 2),
        (2, Event.BOLUS_STARTED, FluidKind.BRIDGE, 310_000),
        (2, Event.PROGRAM_COMMITTED, 10, 3),
    ]


def test_commit_cut_short_by_a_low_battery_gives_no_bridge() -> None:
    bench = bridging()
    cut_in_commit(bench, 100 + COMMIT_TICKS, 2 * LOGGED_WORDS + 1)
    change(bench, "plant", reset_pending=ResetCause.LOW_BATTERY)
    bench.run_to(100 + COMMIT_TICKS + 1 + BOOT_TICKS)
    controller, durable, _ = state_of(bench)
    assert (controller.program[0], durable.therapy_state) == (10, TherapyState.MINIMUM_RATE)
    assert durable.owed_q[FluidKind.BRIDGE] == 0


@pytest.mark.parametrize("dose_ng_per_day", [100_000, 400_000, 800_000])
def test_estimate_falls_by_the_larger_of_both_programs_where_a_commit_was_cut_short(dose_ng_per_day: int) -> None:
    bench = treating()
    before_nl = state_of(bench)[1].reservoir_estimated_nl
    new = replace(SIMPLE, program_id=10, dose_ng_per_day=dose_ng_per_day)
    assert isinstance(bench.commit(new, rate_check=dose_ng_per_day // 2), Done)
    cut_in_commit(bench, 100 + COMMIT_TICKS, LOGGED_WORDS + 1)
    bench.run_to(100 + COMMIT_TICKS + 1 + BOOT_TICKS)
    controller, durable, _ = state_of(bench)
    hour_nl = max(dose_ng_per_day, 400_000) // 2 // 24
    assert controller.program[0] == 10
    assert before_nl - durable.reservoir_estimated_nl == hour_nl + 250


def test_estimate_of_a_commit_cut_short_counts_the_old_programs_interval_boluses() -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    every = replace(SIMPLE, mode=Mode.INTERVAL_BOLUS, dose_ng_per_day=0, interval_unit=IntervalUnit.MINUTES, interval_count=30,
                    interval_dose_ng=4_000, interval_duration_ticks=600)  # fmt: skip
    assert isinstance(bench.commit(every, rate_check=0, volume_check=12_000), Done)
    bench.run_to(100)
    before_nl = state_of(bench)[1].reservoir_estimated_nl
    assert isinstance(bench.commit(replace(SIMPLE, program_id=10, dose_ng_per_day=100_000), rate_check=50_000), Done)
    cut_in_commit(bench, 100 + COMMIT_TICKS, LOGGED_WORDS + 1)
    bench.run_to(100 + COMMIT_TICKS + 1 + BOOT_TICKS)
    # An hour holds three of them at most, each of 2 000 nl: more than an hour of the new program's 50 000 nl a day.
    assert before_nl - state_of(bench)[1].reservoir_estimated_nl == 3 * 2_000 + 250


@pytest.mark.parametrize(("words", "state"), [(LOGGED_WORDS, TherapyState.STOPPED), (LOGGED_WORDS + 1, TherapyState.THERAPY)])
def test_first_program_treats_after_a_boot_if_its_commit_word_was_written(words: int, state: int) -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    assert isinstance(bench.commit(replace(SIMPLE, bridge=1)), Done)
    cut_in_commit(bench, COMMIT_TICKS, words)
    bench.run_to(COMMIT_TICKS + 1 + BOOT_TICKS)
    durable = state_of(bench)[1]
    assert durable.therapy_state == state
    assert sum(durable.owed_q) == 0


def test_stop_after_a_commit_is_kept_over_a_reset() -> None:
    bench = treating()
    bench.ask(Stop())
    reset_at(bench, 1_000)
    assert state_of(bench)[1].therapy_state == TherapyState.STOPPED


def test_resets_bring_no_interval_bolus_forward() -> None:
    bench = Bench()
    bench.arm()
    bench.open()
    every = replace(SIMPLE, mode=Mode.INTERVAL_BOLUS, interval_unit=IntervalUnit.HOURS, interval_count=6,
                    interval_dose_ng=10_000, interval_duration_ticks=600)  # fmt: skip
    assert isinstance(bench.commit(every, volume_check=15_000), Done)
    bench.run_to(TICKS_PER_HOUR)
    due = state_of(bench)[1].interval_next_life_ticks
    for count in range(1, 9):
        reset_at(bench, TICKS_PER_HOUR + 100 * count)
        durable = state_of(bench)[1]
        # Each boot adds an hour of life that may not have passed: the bolus moves with it.
        assert durable.interval_next_life_ticks == due + count * TICKS_PER_HOUR
        assert durable.owed_q[FluidKind.INTERVAL] == 0


def test_empty_reservoir_cancels_a_prime() -> None:
    bench = Bench()
    bench.arm(replace(START, reservoir_true_nl=4_100_000, reservoir_estimated_nl=4_100_000))
    bench.open()
    bench.commit()
    bench.run_to(100)
    assert isinstance(bench.ask(Prime(scope=1, volume_nl=200_000)), Started)
    names = [one.name for one in layout_of(Config).fields]
    bench.ask(Configure(config_index=names.index("reservoir_empty_nl"), value=4_000_000))
    bench.run_to(7_300)
    durable = state_of(bench)[1]
    assert durable.therapy_state == TherapyState.EMPTY
    assert (durable.owed_q[FluidKind.PRIME], durable.bolus_q[FluidKind.PRIME]) == (0, 0)
    assert FluidOutcome.CANCELLED in durable.fluid_outcome
