"""What outlives a reset: a bridge, what was left of an interval, a commit that power cut off from its check-point."""

from typing import Any

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, PROGRAM_SLOT_ADDRESS
from pumpbench.firmware_emu.store import checkpoint_write, commit_word, newest_checkpoint, program_head, write_all
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, Flag, FluidKind, Held, Mode, ResetCause, TherapyState
from tests.firmware_emu import build

BOOT_TICKS = 20
BRIDGE = FluidKind.BRIDGE
LINE_NL = 20_000 + 400 * 220
HOUR_Q = 36_000 * 120_000
"""What a bridge of the program of `build` gives in an hour."""
UNTIL_COMMIT_TICKS = 22
INTERVAL: dict[str, Any] = {
    "mode": Mode.INTERVAL_BOLUS, "dose_ng_per_day": 0, "interval_unit": 2, "interval_count": 5,
    "interval_dose_ng": 4_000, "interval_duration_ticks": 600,
}  # fmt: skip
INTERVAL_TICKS = 5 * 36_000
SINGLE: dict[str, Any] = {
    "mode": Mode.SINGLE_BOLUS, "dose_ng_per_day": 0, "single_dose_ng": 20_000, "single_duration_ticks": 9_000,
}  # fmt: skip
WEAKER: dict[str, Any] = {"concentration_ug_per_ml": 1_000, "bridge": 1, "program_id": 9}


def remember(pump: Pump) -> None:
    """The state as it stands becomes the newest check-point."""
    pump.durable.checkpoint_seq += 1
    write_all(pump.memory, [checkpoint_write(pump.durable)])


def reset(pump: Pump, cause: int = ResetCause.WATCHDOG) -> build.Effects:
    """Up to the boot, its tick included."""
    heard = build.Effects(pump)
    pump.plant.reset_pending = cause
    pump.leap(1 + BOOT_TICKS)
    assert pump.durable.reset_cause == cause
    assert build.balanced(pump)
    return heard


def bridging() -> Pump:
    pump = build.treating()
    assert isinstance(build.commit(pump, **WEAKER), messages.Done)
    build.finish_update(pump)
    assert pump.durable.bolus_q[BRIDGE] == 120_000
    return pump


def owing(pump: Pump, owed_q: int, state: int, resume: int = TherapyState.STOPPED) -> Pump:
    """A bridge that owes so much is remembered in that state."""
    durable = pump.durable
    durable.commanded_q -= durable.owed_q[BRIDGE] - owed_q
    durable.owed_q[BRIDGE] = owed_q
    durable.therapy_state, durable.resume_state = state, resume
    remember(pump)
    return pump


@pytest.mark.parametrize(("owed_q", "left_q"), [(HOUR_Q + 120_001, 1), (HOUR_Q, 0), (HOUR_Q - 1, 0), (1, 0)])
def test_a_bridge_that_ran_loses_an_hour_and_ends_where_no_more_was_owed(owed_q: int, left_q: int) -> None:
    pump = owing(bridging(), owed_q, TherapyState.THERAPY)
    reset(pump)
    # The tick of the boot flows again.
    assert (pump.durable.owed_q[BRIDGE], pump.durable.bolus_q[BRIDGE]) == (left_q, 120_000 if left_q else 0)


def test_a_bridge_in_a_stopped_pump_keeps_all_it_owes() -> None:
    pump = owing(bridging(), HOUR_Q + 77, TherapyState.STOPPED)
    reset(pump)
    assert (pump.durable.owed_q[BRIDGE], pump.durable.bolus_q[BRIDGE]) == (HOUR_Q + 77, 120_000)
    assert pump.durable.therapy_state == TherapyState.STOPPED


@pytest.mark.parametrize(
    ("resume", "left_q"),
    [(TherapyState.THERAPY, HOUR_Q), (TherapyState.STOPPED, HOUR_Q), (TherapyState.MINIMUM_RATE, 0)],
)
def test_a_bridge_that_waits_for_a_refill_is_kept_for_therapy_or_a_stop(resume: int, left_q: int) -> None:
    pump = owing(bridging(), HOUR_Q, TherapyState.EMPTY, resume)
    reset(pump)
    assert pump.durable.owed_q[BRIDGE] == left_q


@pytest.mark.parametrize("resume", [TherapyState.THERAPY, TherapyState.STOPPED])
@pytest.mark.parametrize("state", [TherapyState.THERAPY, TherapyState.EMPTY, TherapyState.STOPPED])
def test_a_bridge_ends_with_a_low_battery_so_that_it_bars_no_commit(state: int, resume: int) -> None:
    pump = owing(bridging(), 2 * HOUR_Q, state, resume)
    before_q = pump.durable.cancelled_q + pump.durable.acc_q
    reset(pump, ResetCause.LOW_BATTERY)
    assert (pump.durable.owed_q[BRIDGE], pump.durable.bolus_q[BRIDGE]) == (0, 0)
    assert pump.durable.cancelled_q == before_q + 2 * HOUR_Q
    assert isinstance(build.commit(pump, program_id=9), messages.Done)


def test_a_bridge_ends_where_no_program_is_left() -> None:
    pump = owing(bridging(), HOUR_Q, TherapyState.STOPPED)
    for slot in PROGRAM_SLOT_ADDRESS:
        pump.inject(Fault.MEMORY_FLIP, slot + 3, 1)
    reset(pump)
    assert (pump.durable.therapy_state, pump.durable.owed_q[BRIDGE]) == (TherapyState.SAFE_STATE, 0)


def cut_commit(pump: Pump, **program: Any) -> Pump:
    """Commits; power fails when the commit word stands and its check-point does not."""
    reply = build.commit(pump, **program)
    assert isinstance(reply, messages.Done), reply
    pump.leap(UNTIL_COMMIT_TICKS)
    known = newest_checkpoint(pump.memory)
    pump.inject(Fault.POWER_CUT, words_until_commit(pump))
    pump.tick()
    assert pump.plan.program.program_id == program["program_id"]
    assert newest_checkpoint(pump.memory) == known
    return pump


def words_until_commit(pump: Pump) -> int:
    """Of the next tick: its log entries, then the commit word."""
    ahead = pump.clone()
    ahead.tick()
    return 8 * (ahead.controller.log_next_seq - pump.controller.log_next_seq) + 1


def said(heard: build.Effects) -> list[tuple[str, int, int]]:
    """What the boot said of programs and boluses, in order."""
    names = ("boot_completed", "bolus_started", "program_committed", "memory_fault", "bolus_cancelled")
    return [effect[1:] for effect in heard.named(*names)]


def test_a_commit_cut_short_takes_effect_at_the_boot_with_its_bridge() -> None:
    pump = cut_commit(build.treating(), **WEAKER)
    heard = reset(pump, ResetCause.POWER_CUT)
    assert said(heard) == [
        ("boot_completed", ResetCause.POWER_CUT, 2), ("bolus_started", BRIDGE, LINE_NL), ("program_committed", 9, 3),
    ]  # fmt: skip
    assert (pump.durable.therapy_state, pump.durable.program_seq) == (TherapyState.THERAPY, 3)
    assert (pump.durable.owed_q[BRIDGE], pump.durable.bolus_q[BRIDGE]) == (LINE_NL * 864_000 - 120_000, 120_000)
    # The log goes on where it stood, no entry written over.
    page = pump.handle(messages.ReadLog(from_seq=0))
    assert [entry.entry_seq for entry in page.entries] == list(range(len(page.entries)))
    assert page.next_seq > len(page.entries)


def test_a_commit_cut_short_says_so_once() -> None:
    pump = cut_commit(build.treating(), **WEAKER)
    reset(pump, ResetCause.POWER_CUT)
    again = reset(pump)
    assert said(again) == [("boot_completed", ResetCause.WATCHDOG, 3)]
    assert pump.durable.owed_q[BRIDGE] == LINE_NL * 864_000 - 120_000 - HOUR_Q - 120_000


@pytest.mark.parametrize("spoilt", ["body", "older sequence", "newer sequence"])
def test_a_commit_cut_short_bridges_nothing_where_the_old_program_is_not_known(spoilt: str) -> None:
    pump = cut_commit(build.treating(), **WEAKER)
    other = PROGRAM_SLOT_ADDRESS[pump.controller.program_slot_index ^ 1]
    seq = 2
    if spoilt == "body":
        pump.inject(Fault.MEMORY_FLIP, other + 3, 1)
    else:
        body = bytes(pump.memory.words[4 * other + 4 : 4 * other + 4 + 216])
        # The check-point knows 2, the new one is 3.
        seq = 1 if spoilt == "older sequence" else 3
        write_all(pump.memory, [(other, program_head(seq, body) + commit_word(seq))])
    heard = reset(pump, ResetCause.POWER_CUT)
    assert "bolus_started" not in [effect[1] for effect in heard]
    assert sum(pump.durable.owed_q) == 0


def test_a_commit_cut_short_bridges_nothing_after_a_low_battery() -> None:
    pump = cut_commit(build.treating(), **WEAKER)
    heard = reset(pump, ResetCause.LOW_BATTERY)
    assert said(heard) == [("boot_completed", ResetCause.LOW_BATTERY, 2), ("program_committed", 9, 3)]
    assert pump.durable.therapy_state == TherapyState.MINIMUM_RATE
    assert pump.durable.fault_flags == Flag.bit_of(Flag.LOW_BATTERY_RESET)
    assert sum(pump.durable.owed_q) == 0


def test_a_commit_cut_short_gives_no_single_bolus_unasked() -> None:
    pump = cut_commit(build.treating(), **SINGLE, concentration_ug_per_ml=1_000, program_id=9)
    heard = reset(pump, ResetCause.POWER_CUT)
    assert said(heard)[1:] == [("program_committed", 9, 3)]
    assert (pump.durable.therapy_state, sum(pump.durable.owed_q)) == (TherapyState.STOPPED, 0)


def test_a_commit_cut_short_bridges_nothing_from_a_program_that_stopped() -> None:
    pump = cut_commit(build.started(), **WEAKER)
    heard = reset(pump, ResetCause.POWER_CUT)
    assert said(heard)[1:] == [("program_committed", 9, 2)]
    assert pump.durable.therapy_state == TherapyState.THERAPY


@pytest.mark.parametrize(("above_nl", "state"), [(0, TherapyState.EMPTY), (1, TherapyState.THERAPY)])
def test_a_commit_cut_short_in_an_empty_pump_waits_with_its_bridge(above_nl: int, state: int) -> None:
    pump = build.treating()
    # The boot takes off the most that can have flowed: an hour of the program and a step.
    pump.durable.reservoir_estimated_nl = pump.config.reservoir_empty_nl + 5_000 + 250 + above_nl
    remember(pump)
    cut_commit(pump, **WEAKER, dose_ng_per_day=120_000)
    heard = reset(pump, ResetCause.POWER_CUT)
    assert ("bolus_started", BRIDGE, LINE_NL) in said(heard)
    assert pump.durable.therapy_state == state
    if state == TherapyState.EMPTY:
        assert pump.durable.resume_state == TherapyState.THERAPY
        assert pump.durable.owed_q[BRIDGE] == LINE_NL * 864_000


def test_a_commit_cut_short_leaves_the_safe_state_as_the_commit_did() -> None:
    pump = build.treating()
    pump.durable.therapy_state = TherapyState.SAFE_STATE
    pump.durable.fault_flags = Flag.bit_of(Flag.CRITICAL_MEMORY) | Flag.bit_of(Flag.LOW_BATTERY_RESET)
    cut_commit(pump, program_id=9)
    reset(pump, ResetCause.POWER_CUT)
    assert (pump.durable.therapy_state, pump.durable.fault_flags) == (TherapyState.THERAPY, 0)


def test_a_commit_cut_short_gives_up_a_bridge_that_was_owed_and_begins_its_own() -> None:
    pump = bridging()
    pump.durable.cancelled_q += pump.durable.owed_q[BRIDGE]
    pump.durable.owed_q[BRIDGE] = 0
    cut_commit(pump, program_id=9, concentration_ug_per_ml=2_000, bridge=1)
    # The check-point still knows the bridge before.
    kept = newest_checkpoint(pump.memory)
    assert kept is not None
    kept.owed_q[BRIDGE], kept.bolus_q[BRIDGE], kept.checkpoint_seq = 2 * HOUR_Q, 120_000, kept.checkpoint_seq + 1
    kept.commanded_q += 2 * HOUR_Q
    write_all(pump.memory, [checkpoint_write(kept)])
    heard = reset(pump, ResetCause.POWER_CUT)
    assert ("bolus_started", BRIDGE, LINE_NL) in said(heard)
    assert pump.durable.owed_q[BRIDGE] == LINE_NL * 864_000 - pump.durable.bolus_q[BRIDGE]


@pytest.mark.parametrize(
    ("old", "new", "dose_ng", "rate"),
    [(2_000, 4_000, 48_000_000, 24_000_000), (2_000, 4_000, 48_000_002, 0), (4_000, 1, 2, 1), (4_000, 1, 1, 0),
     (1, 4_000, 96_000_000, 0)],
)  # fmt: skip
def test_a_commit_cut_short_bridges_at_no_rate_that_verify_would_refuse(old: int, new: int, dose_ng: int, rate: int) -> None:
    pump = build.treating(concentration_ug_per_ml=old, dose_ng_per_day=120 * old)
    image = pump.plan.program.clone()
    image.concentration_ug_per_ml, image.dose_ng_per_day, image.bridge = new, dose_ng, 1
    # As if a commit word stood without a check-point.
    address = PROGRAM_SLOT_ADDRESS[1 - pump.controller.program_slot_index]
    seq = pump.durable.program_seq + 1
    write_all(pump.memory, [(address, program_head(seq, image.to_bytes()) + commit_word(seq))])
    heard = reset(pump, ResetCause.POWER_CUT)
    assert pump.plan.concentration == new
    assert ("bolus_started" in [effect[1] for effect in heard]) == bool(rate)
    assert pump.durable.bolus_q[BRIDGE] == rate


def test_a_hold_of_an_update_ends_with_the_commit_cut_short() -> None:
    pump = build.treating()
    pump.durable.held = Held.bit_of(Held.UPDATE)
    cut_commit(pump, program_id=9)
    heard = reset(pump, ResetCause.POWER_CUT)
    assert pump.durable.held == 0
    assert pump.durable.therapy_state == TherapyState.THERAPY
    assert said(heard)[1:] == [("program_committed", 9, 3)]


def test_a_commit_whose_check_point_stands_says_no_more_at_the_boot() -> None:
    pump = build.treating()
    build.commit(pump, **WEAKER)
    build.finish_update(pump)
    assert said(reset(pump)) == [("boot_completed", ResetCause.WATCHDOG, 2)]


def test_without_a_check_point_nothing_was_cut_short() -> None:
    pump = cut_commit(build.treating(), **WEAKER)
    for slot in CHECKPOINT_SLOT_ADDRESS:
        pump.inject(Fault.MEMORY_FLIP, slot + 3, 1)
    pump.plant.reset_pending = ResetCause.POWER_CUT
    heard = build.Effects(pump)
    pump.leap(1 + BOOT_TICKS)
    assert said(heard) == [("boot_completed", ResetCause.POWER_CUT, 2), ("memory_fault", 1, 1)]
    assert pump.durable.therapy_state == TherapyState.SAFE_STATE


def left_ticks(pump: Pump) -> int:
    return pump.durable.interval_next_life_ticks - pump.durable.life_ticks


@pytest.mark.parametrize(
    ("left", "after"),
    [(1, 1), (36_000, 36_000), (INTERVAL_TICKS, INTERVAL_TICKS), (0, INTERVAL_TICKS), (INTERVAL_TICKS + 1, INTERVAL_TICKS),
     (-5, INTERVAL_TICKS)],
)  # fmt: skip
def test_what_was_left_of_an_interval_is_left_after_a_reset(left: int, after: int) -> None:
    pump = build.treating(**INTERVAL)
    pump.leap(100)
    pump.durable.therapy_state = TherapyState.STOPPED
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + left
    remember(pump)
    reset(pump)
    # The tick of the boot has passed.
    assert left_ticks(pump) == after - 1


def test_resets_bring_no_interval_bolus_forward() -> None:
    pump = build.treating(**INTERVAL)
    heard = build.Effects(pump)
    for _ in range(10):
        pump.plant.reset_pending = ResetCause.WATCHDOG
        pump.leap(1 + BOOT_TICKS)
    assert heard.named("bolus_started") == []
    assert left_ticks(pump) > INTERVAL_TICKS - 36_000


def test_an_interval_begins_with_the_commit_cut_short() -> None:
    pump = build.treating(**INTERVAL)
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + 1_000
    remember(pump)
    cut_commit(pump, **INTERVAL, program_id=9)
    reset(pump, ResetCause.POWER_CUT)
    assert left_ticks(pump) == INTERVAL_TICKS - 1


def test_a_program_without_intervals_forgets_the_next_one() -> None:
    pump = build.treating()
    pump.durable.interval_next_life_ticks = pump.durable.life_ticks + 10
    remember(pump)
    reset(pump)
    assert pump.durable.interval_next_life_ticks == 0
