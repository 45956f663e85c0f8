"""Laws of SEMANTICS.md section 14 over random walks of the reference: account, volume, motor, line, ranges, leap."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.laws import Before, check_state, check_tick
from tests.parity.desk import Desk
from tests.parity.sides import Effect, Reference
from tests.parity.topics import TOPICS
from tests.parity.walks import walk
from tests.support import effort

SEEDS = st.integers(0, 2**32 - 1)
WALK_ACTS = 40
# A crafted state need not have come about by the rules, so only the leap is held to it.
LAWFUL = [topic for topic in TOPICS if topic != "crafted"]


def reference_alone() -> Desk:
    return Desk(Reference(), None)


@pytest.mark.parametrize("topic", LAWFUL)
@settings(max_examples=effort(25, 500))
@given(seed=SEEDS)
def test_account_volume_and_ranges_hold_after_every_act(topic: str, seed: int) -> None:
    tally = walk(topic, f"state:{seed}", WALK_ACTS, reference_alone, lambda desk: check_state(desk.pump))
    assert tally.acts >= WALK_ACTS


@pytest.mark.parametrize("topic", LAWFUL)
@settings(max_examples=effort(6, 120))
@given(seed=SEEDS)
def test_motor_line_and_volume_hold_in_every_tick(topic: str, seed: int) -> None:
    rng = random.Random(f"ticks:{seed}")

    def check(desk: Desk) -> None:
        pump = desk.pump.clone()
        for _ in range(rng.choice((1, 30, 200))):
            before = Before.of(pump)
            pump.tick()
            check_tick(before, pump)
        check_state(pump)

    assert walk(topic, f"ticks:{seed}", WALK_ACTS, reference_alone, check).acts >= WALK_ACTS


@pytest.mark.parametrize("topic", TOPICS)
@settings(max_examples=effort(6, 120))
@given(seed=SEEDS)
def test_leap_equals_ticks_from_every_state_of_a_walk(topic: str, seed: int) -> None:
    rng = random.Random(f"leap:{seed}")

    def check(desk: Desk) -> None:
        ticks = rng.choice((1, 2, 50, 300, 300, rng.randint(1, 4000)))
        check_leap(desk.pump, ticks, rng.randint(0, ticks))

    assert walk(topic, f"leap:{seed}", WALK_ACTS, reference_alone, check).acts >= WALK_ACTS


def check_leap(pump: Any, ticks: int, first: int) -> None:
    """Leaping `first` and then the rest gives the state and every stamped effect that `ticks` ticks give."""
    dense, leaping = pump.clone(), pump.clone()
    dense_effects, leap_effects = heard_by(dense), heard_by(leaping)
    for _ in range(ticks):
        dense.tick()
    leaping.leap(first)
    leaping.leap(ticks - first)
    assert leap_effects == dense_effects
    assert leaping.snapshot() == dense.snapshot(), f"from tick {pump.plant.tick}, {first} and {ticks - first} ticks"
    assert (leaping.effect_count, leaping.effect_crc) == (dense.effect_count, dense.effect_crc)
    assert (leaping.step_commanded, leaping.sample_commanded) == (dense.step_commanded, dense.sample_commanded)


def heard_by(pump: Any) -> list[Effect]:
    heard: list[Effect] = []
    pump.on_effect = lambda *effect: heard.append(effect)
    return heard


@pytest.mark.parametrize("topic", ["updates", "sessions", "telemetry"])
@settings(max_examples=effort(12, 240))
@given(seed=SEEDS)
def test_device_answers_alike_whether_it_leaps_or_ticks(topic: str, seed: int) -> None:
    tally = walk(topic, f"device:{seed}", WALK_ACTS, lambda: Desk(Reference(), Reference(dense=True)))
    assert tally.snapshots == tally.acts >= WALK_ACTS
