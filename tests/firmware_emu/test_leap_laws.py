"""Leaping is a faster way to say tick: the same state, the same effects, tick by tick."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol.layout import layout_of
from tests.firmware_emu import build, walks
from tests.support import effort

STRETCHES = 6


def differences(dense: Pump, leapt: Pump) -> list[str]:
    """Fields by name in which two pumps differ."""
    found = []
    for name in ("config", "controller", "durable", "plant", "memory"):
        one, other = getattr(dense, name), getattr(leapt, name)
        for field in layout_of(type(one)).fields:
            if getattr(one, field.name) != getattr(other, field.name):
                found.append(f"{name}.{field.name}: dense {getattr(one, field.name)}, leapt {getattr(other, field.name)}")
    return found


def compare(dense: Pump, leapt: Pump, dense_effects: build.Effects, leapt_effects: build.Effects) -> None:
    assert leapt_effects == dense_effects
    assert differences(dense, leapt) == []
    assert leapt.snapshot() == dense.snapshot()
    assert leapt.effect_crc == dense.effect_crc
    assert (leapt.step_commanded, leapt.sample_commanded) == (dense.step_commanded, dense.sample_commanded)
    assert leapt.seen == dense.seen


@settings(max_examples=effort(150, 5_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_leap_equals_dense_ticks_on_random_walks(seed: int) -> None:
    rng = random.Random(seed)
    dense = walks.draw_pump(rng)
    leapt = dense.clone()
    heard = build.Effects(dense), build.Effects(leapt)
    for stretch in range(STRETCHES):
        for act in walks.draw_acts(rng, 10 * stretch + 1):
            assert act(dense) == act(leapt)
        ticks = walks.draw_ticks(rng)
        dense.run(ticks, dense=True)
        leapt.leap(ticks)
        compare(dense, leapt, *heard)
        leapt.check()
        assert build.balanced(leapt)


@settings(max_examples=effort(80, 2_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_a_leap_of_any_length_equals_as_many_dense_ticks(seed: int) -> None:
    rng = random.Random(seed)
    dense = walks.draw_pump(rng)
    for stretch in range(3):
        for act in [*walks.draw_acts(rng, 10 * stretch + 1), *walks.draw_story(rng, 10 * stretch + 5)]:
            act(dense)
        origin = dense.clone()
        for ticks in range(1, 61):
            dense.tick()
            leapt = origin.clone()
            leapt.leap(ticks)
            assert differences(dense, leapt) == []
        dense.leap(walks.draw_ticks(rng))


@settings(max_examples=effort(60, 2_000))
@given(seed=st.integers(0, 2**64 - 1), stop_mask=st.integers(0, 15))
def test_a_masked_run_stops_at_the_same_tick_leapt_or_dense(seed: int, stop_mask: int) -> None:
    rng = random.Random(seed)
    dense = walks.draw_pump(rng)
    leapt = dense.clone()
    for stretch in range(STRETCHES):
        for act in walks.draw_acts(rng, 10 * stretch + 1):
            assert act(dense) == act(leapt)
        ticks = walks.draw_ticks(rng)
        dense.run(ticks, stop_mask, dense=True)
        leapt.run(ticks, stop_mask)
        assert differences(dense, leapt) == []
        assert dense.seen & stop_mask == leapt.seen & stop_mask


@settings(max_examples=effort(60, 2_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_one_leap_equals_two_shorter_ones_wherever_it_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    whole = walks.draw_pump(rng)
    for act in walks.draw_acts(rng, 1):
        act(whole)
    cut = whole.clone()
    ticks = rng.randrange(2, 300_000)
    first = rng.randrange(1, ticks)
    whole.leap(ticks)
    cut.leap(first)
    cut.leap(ticks - first)
    assert differences(whole, cut) == []
