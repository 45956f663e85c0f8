"""The border of the dose window: which hours it counts, to the quantum, and what it lets pass because it goes on anyway."""

from typing import Any

import pytest

from pumpbench.firmware_emu.dose_window import program_breaks_limit
from pumpbench.firmware_emu.plan import Plan
from pumpbench.firmware_emu.program_rules import Broken
from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import FluidKind, Mode, Refusal, TherapyState
from tests.firmware_emu import build

HOUR = 36_000
BUCKETS = 25
RATE_Q = 120_000
"""What the program of `build` gives each tick."""
V_NL = 5_000
INTERVAL: dict[str, Any] = {
    "mode": Mode.INTERVAL_BOLUS, "dose_ng_per_day": 0, "interval_unit": 2, "interval_count": 3,
    "interval_dose_ng": 4_000, "interval_duration_ticks": 600,
}  # fmt: skip
INTERVAL_Q = 2_000 * 864_000


def quanta(q: int, concentration: int = 2_000) -> int:
    return -(-q * concentration // 216_000_000)


def at(pump: Pump, hour_ticks: int) -> Pump:
    """So many ticks into a later hour, nothing in its buckets."""
    pump.leap((hour_ticks - pump.plant.tick) % HOUR + HOUR)
    pump.controller.hour_quanta = [0] * BUCKETS
    return pump


def hold(pump: Pump, hours_ago: int, amount: int) -> None:
    """That hour gave so many quanta."""
    pump.controller.hour_quanta[(pump.controller.hour_head_index - hours_ago) % BUCKETS] = amount


def bolus(pump: Pump) -> Any:
    return pump.handle(messages.Bolus(dose_ng=2 * V_NL, volume_nl=V_NL, duration_ticks=6_000), 1)


def judged(pump: Pump, **program: Any) -> Any:
    return build.verify(pump, build.stage(pump, **program).program_crc)


def over_window(pump: Pump, **program: Any) -> Broken | None:
    """What the window alone says of a program under a limit of nothing, which no program could keep of itself."""
    build.stage(pump, **program, dose_limit_ng=1)
    return program_breaks_limit(pump, Plan(bytes(pump.controller.staged), pump.config.rate_min_nl_per_day))


@pytest.mark.parametrize("hour_ticks", [0, 1, 18_000, 35_999])
@pytest.mark.parametrize("more", [0, 1])
def test_the_window_ends_with_the_24_hours_that_end_where_buckets_do(hour_ticks: int, more: int) -> None:
    pump = at(build.treating(dose_limit_ng=300_000), hour_ticks)
    to_come = quanta((24 * HOUR - hour_ticks) * RATE_Q + V_NL * 864_000)
    hold(pump, 0, 1_200_000 - to_come + more)
    said = bolus(pump)
    if more:
        assert (said.refusal, said.limit, said.value) == (Refusal.DOSE_LIMIT, 300_000, 300_001)
    else:
        assert isinstance(said, messages.Started)


@pytest.mark.parametrize("hours", [0, 1, 23])
@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("hour_ticks", [0, 35_999])
def test_an_hour_leaves_the_window_when_24_hours_have_begun_after_it(hours: int, more: int, hour_ticks: int) -> None:
    pump = at(build.treating(dose_limit_ng=500_000), hour_ticks)
    # 24 - hours ago it was, so it counts last in the window that ends after that many hours to come.
    to_come = quanta(max(hours * HOUR - hour_ticks, 0) * RATE_Q + V_NL * 864_000)
    hold(pump, 24 - hours, 2_000_000 - to_come + more)
    assert isinstance(bolus(pump), messages.Refused) == bool(more)


@pytest.mark.parametrize("more", [0, 1])
def test_interval_boluses_are_judged_with_an_hour_more_of_what_was_given(more: int) -> None:
    pump = at(build.treating(**INTERVAL, dose_limit_ng=300_000), 0)
    # Due in 36 000 ticks: in the window that ends then, where 24 hours ago still counts.
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + HOUR
    pump.durable.owed_q = [0] * 5
    hold(pump, 24, 1_200_000 - quanta(INTERVAL_Q + V_NL * 864_000) + more)
    assert isinstance(bolus(pump), messages.Refused) == bool(more)


@pytest.mark.parametrize(("late", "counted"), [(0, 1), (1, 0)])
def test_an_interval_bolus_counts_when_it_is_due_by_the_end_of_the_hour_that_runs(late: int, counted: int) -> None:
    pump = at(build.treating(**INTERVAL, dose_limit_ng=300_000), 10_000)
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + HOUR - 10_000 + late
    pump.durable.owed_q = [0] * 5
    # What was given 24 hours ago counts to the end of this hour and no longer.
    hold(pump, 24, 1_200_000 - quanta(V_NL * 864_000 + counted * INTERVAL_Q))
    assert isinstance(bolus(pump), messages.Started)
    pump.durable.owed_q = [0] * 5
    hold(pump, 24, 1_200_001 - quanta(V_NL * 864_000 + counted * INTERVAL_Q))
    assert bolus(pump).refusal == Refusal.DOSE_LIMIT


def test_a_program_that_gives_what_is_given_anyway_passes_any_limit_and_one_that_gives_more_does_not() -> None:
    pump = at(build.treating(), 12_345)
    assert over_window(pump) is None
    assert over_window(pump, dose_ng_per_day=239_998) is None
    # The hour that runs is the first whose rest gives more than before.
    value = -(-quanta((HOUR - 12_345) * 132_000) // 4)
    assert over_window(pump, dose_ng_per_day=264_000) == Broken(Refusal.DOSE_LIMIT, 1, value)


def test_a_program_that_breaks_its_own_limit_every_day_is_refused_whatever_goes_on() -> None:
    pump = at(build.treating(), 12_345)
    over = judged(pump, dose_limit_ng=239_999)
    assert (over.refusal, over.limit, over.value) == (Refusal.DOSE_LIMIT, 239_999, 240_000)
    assert isinstance(judged(pump, dose_limit_ng=240_000), messages.Verified)
    # Six days and six hours apart, of which a day's share is rounded: 100 004 * 24 / 150.
    interval = {**INTERVAL, "interval_count": 150, "interval_dose_ng": 100_004, "interval_duration_ticks": 6_000}
    assert judged(pump, **interval, dose_limit_ng=16_000).value == 16_001


def test_the_limit_lets_pass_what_the_window_of_now_holds_for_every_program() -> None:
    pump = at(build.treating(), 0)
    hold(pump, 3, 4_000_000)
    assert isinstance(judged(pump, dose_limit_ng=240_000), messages.Verified)
    pump.handle(messages.Stop())
    over = judged(pump, dose_limit_ng=240_000)
    assert (over.refusal, over.value) == (Refusal.DOSE_LIMIT, 1_000_000)


@pytest.mark.parametrize("state", [TherapyState.MINIMUM_RATE, TherapyState.EMPTY, TherapyState.SAFE_STATE])
def test_only_therapy_goes_on_anyway(state: int) -> None:
    pump = at(build.treating(), 0)
    pump.durable.therapy_state = state
    assert over_window(pump) is not None


def test_what_is_owed_goes_on_anyway() -> None:
    pump = at(build.treating(), 0)
    assert over_window(pump, dose_ng_per_day=240_002) is not None
    bolus(pump)
    assert over_window(pump, dose_ng_per_day=240_002) is None


def test_an_interval_bolus_that_is_due_soon_goes_on_anyway() -> None:
    pump = at(build.treating(**{**INTERVAL, "interval_dose_ng": 40_000, "interval_duration_ticks": 6_000}), 0)
    pump.durable.owed_q = [0] * 5
    # In every window that ends with 1, 2 .. 24 hours to come, 10 000 ng an hour are no more than 40 000 ng now and each 3 hours.
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + 1
    assert over_window(pump) is None
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + HOUR + 1
    assert over_window(pump) is not None


def test_a_commit_asks_the_window_of_its_own_moment() -> None:
    pump = at(build.treating(), 0)
    hold(pump, 3, 4_000_000)
    verified = judged(pump, dose_limit_ng=240_000)
    commit = messages.CommitProgram(
        program_crc=verified.program_crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=0
    )
    pump.handle(messages.Stop())
    assert pump.handle(commit).refusal == Refusal.DOSE_LIMIT
    pump.handle(messages.Resume())
    assert isinstance(pump.handle(commit), messages.Done)


def test_each_program_is_judged_by_the_hours_of_its_own_mode() -> None:
    # What was given 24 hours ago counts an hour longer for interval boluses.
    pump = at(build.treating(), 0)
    hold(pump, 24, 1_000_000)
    assert over_window(pump, **INTERVAL) == Broken(Refusal.DOSE_LIMIT, 1, 250_000)
    intervals = at(build.treating(**INTERVAL), 0)
    hold(intervals, 24, 1_000_000)
    intervals.durable.interval_next_life_ticks = intervals.durable.life_ticks + 10 * HOUR
    # In the first hour less is given than stood in the window; from the second on more than goes on.
    assert over_window(intervals, dose_ng_per_day=240_000) == Broken(Refusal.DOSE_LIMIT, 1, 20_000)


def test_a_weaker_drug_is_compared_by_dose() -> None:
    pump = at(build.treating(), 0)
    assert over_window(pump, concentration_ug_per_ml=1_000) is None
    assert over_window(pump, concentration_ug_per_ml=1_000, dose_ng_per_day=240_001) is not None


def test_a_bolus_on_top_of_too_much_is_never_let_pass() -> None:
    pump = at(build.treating(dose_limit_ng=250_000), 0)
    hold(pump, 1, 1_000_001)
    assert bolus(pump).refusal == Refusal.DOSE_LIMIT


def test_the_same_clock_in_another_part_of_the_hour_has_another_flow_to_come() -> None:
    plan = build.treating().plan
    assert plan.hourly_q(0, 0, 0)[:3] == (0, HOUR * RATE_Q, 2 * HOUR * RATE_Q)
    assert plan.hourly_q(0, 0, HOUR - 1)[:3] == (0, RATE_Q, (HOUR + 1) * RATE_Q)
    assert plan.hourly_q(0, 0, 0)[24] == 24 * HOUR * RATE_Q


def flexible() -> Pump:
    """Gives its day's dose in the first hour, and is in the second."""
    pump = build.treating(flex=([(0, 200_000), (60, 0)], []), mode=Mode.FLEX, dose_ng_per_day=200_000, dose_limit_ng=250_000)
    return at(pump, 0)


def set_clock(pump: Pump, day: int, day_ticks: int) -> Any:
    return pump.handle(messages.SetClock(clock_day=day, clock_day_ticks=day_ticks))


def test_a_clock_that_repeats_a_step_is_refused_and_one_that_changes_nothing_is_not() -> None:
    pump = flexible()
    pump.controller.hour_quanta[pump.controller.hour_head_index - 1] = 800_000
    clock = pump.durable.clock_day, pump.durable.clock_day_ticks
    back = set_clock(pump, clock[0], 0)
    assert (back.refusal, back.limit) == (Refusal.DOSE_LIMIT, 250_000)
    hold(pump, 0, 1_000_000)
    assert isinstance(set_clock(pump, *clock), messages.Done)
    assert set_clock(pump, clock[0], clock[1] - 1 - HOUR).refusal == Refusal.DOSE_LIMIT


@pytest.mark.parametrize("name", ["clock_valid", "therapy_state"])
def test_a_clock_can_always_be_set_where_it_was_invalid_or_nothing_is_given(name: str) -> None:
    pump = flexible()
    hold(pump, 0, 1_000_000)
    assert set_clock(pump, 0, 0).refusal == Refusal.DOSE_LIMIT
    setattr(pump.durable, name, TherapyState.STOPPED if name == "therapy_state" else 0)
    assert isinstance(set_clock(pump, 0, 0), messages.Done)
    assert (pump.durable.clock_day_ticks, pump.durable.clock_valid) == (0, 1)


def test_a_bridge_that_is_owed_counts_against_a_new_clock() -> None:
    pump = flexible()
    pump.durable.owed_q[FluidKind.BRIDGE] = 100_000 * 864_000
    assert isinstance(set_clock(pump, pump.durable.clock_day, pump.durable.clock_day_ticks + 1), messages.Done)
    # The step and the bridge together: 400 000 ng.
    back = set_clock(pump, pump.durable.clock_day, 0)
    assert (back.refusal, back.value) == (Refusal.DOSE_LIMIT, 400_000)
