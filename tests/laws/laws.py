"""The laws of SEMANTICS.md section 14 that speak of numbers, as checks of a pump or of one tick; knows no act."""

from dataclasses import dataclass
from typing import Any

STEP_Q = 216_000_000
RATE_MAX_NL_PER_DAY = 24_000_000


def check_state(pump: Any) -> None:
    """Laws 2, 4 and 5 as far as one state shows them."""
    durable, plant = pump.durable, pump.plant
    given = durable.step_count * STEP_Q + durable.acc_q + sum(durable.owed_q) + durable.cancelled_q
    assert durable.commanded_q == given, f"tick {plant.tick}: commanded {durable.commanded_q} q, accounted for {given} q"
    tip = plant.leaked_pl + plant.delivered_pl
    assert plant.pumped_pl == tip, f"tick {plant.tick}: pumped {plant.pumped_pl} pl, leaked and delivered {tip} pl"
    pump.check()


@dataclass(frozen=True)
class Before:
    """What a tick may change only by rule."""

    tick: int
    steps: int
    acc_q: int
    asleep: bool
    reservoir_and_pumped_pl: int
    pumped_pl: int
    line_ng_per_ml: list[int]
    phase_pl: int
    reservoir_ng_per_ml: int
    tone_ticks: int
    charge_nc: int

    @classmethod
    def of(cls, pump: Any) -> "Before":
        durable, plant = pump.durable, pump.plant
        return cls(
            plant.tick, durable.step_count, durable.acc_q, _asleep(pump), plant.reservoir_true_pl + plant.pumped_pl,
            plant.pumped_pl, plant.line_ng_per_ml[:], plant.parcel_phase_pl, plant.reservoir_ng_per_ml, plant.tone_tick_count,
            plant.charge_nc,
        )  # fmt: skip


def check_tick(before: Before, pump: Any) -> None:
    """Laws 3, 4 and 8, and what no tick may do, from the state before a tick to the pump after it."""
    durable, plant = pump.durable, pump.plant
    assert plant.tick == before.tick + 1
    if not before.asleep:
        _check_motor(before, durable)
    assert plant.reservoir_true_pl + plant.pumped_pl == before.reservoir_and_pumped_pl, f"tick {plant.tick}: volume is lost"
    assert plant.tone_tick_count - before.tone_ticks in (0, 1)
    assert plant.charge_nc <= before.charge_nc, f"tick {plant.tick}: the battery charges"
    _check_line(before, plant)


def _asleep(pump: Any) -> bool:
    """Whether the next tick may bring a boot, which takes the account from a check-point; that may be an old one."""
    return bool(pump.plant.reset_pending or pump.controller.boot_remaining_ticks)


def _check_motor(before: Before, durable: Any) -> None:
    steps = durable.step_count - before.steps
    assert steps in (0, 1), f"{steps} steps in a tick"
    asked_q = steps * STEP_Q + durable.acc_q - before.acc_q
    assert 0 <= asked_q <= RATE_MAX_NL_PER_DAY, f"{asked_q} q asked of the motor in a tick"


def _check_line(before: Before, plant: Any) -> None:
    """The drug in the line changes only by what a shift brings in and takes out."""
    moved_pl = plant.pumped_pl - before.pumped_pl
    shifted = before.phase_pl + moved_pl >= plant.parcel_pl > 0 and moved_pl > 0
    assert plant.parcel_phase_pl == before.phase_pl + moved_pl - (plant.parcel_pl if shifted else 0)
    expected = sum(before.line_ng_per_ml)
    if shifted:
        expected += before.reservoir_ng_per_ml - before.line_ng_per_ml[-1]
    assert sum(plant.line_ng_per_ml) == expected, f"tick {plant.tick}: {sum(plant.line_ng_per_ml)} in the line, not {expected}"
