"""A plant outside: controller here, plant there, and between them nothing but senses and reports, is the whole pump."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.bench import Bench
from pumpbench.firmware_emu.faults import PLANT_FAULTS
from pumpbench.firmware_emu.plant_alone import PlantAlone
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.vouching import vouched_until
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, StopMask
from pumpbench.protocol.layout import replace
from tests.firmware_emu import build, walks
from tests.firmware_emu.test_leap_laws import differences
from tests.support import effort

STOPS = StopMask.bit_of(StopMask.EFFECT) | StopMask.bit_of(StopMask.ACTUATOR) | StopMask.bit_of(StopMask.RESET)
FOLLOW = StopMask.bit_of(StopMask.FOLLOW) | StopMask.bit_of(StopMask.ACTUATOR)


class Split(Pump):
    """A controller and memory whose plant stands outside, under a bench that grants it credits and lets it feel that plant.

    `shadow`: a whole pump that hears the same, for credits in which the rotor is vouched for; None: there are none such.
    """

    __slots__ = ("alone", "bench", "credits", "rng", "shadow")

    def __init__(self, whole: Pump, rng: random.Random, shadow: Pump | None) -> None:
        super().__init__()
        self.restore(whole.snapshot())
        self.identity = whole.identity.clone()
        self.effect_count, self.effect_crc = whole.effect_count, whole.effect_crc
        self.rng, self.shadow, self.credits = rng, shadow, 0
        self.bench = Bench(self)
        asleep = bool(self.controller.boot_remaining_ticks)
        self.alone = PlantAlone(whole.plant.clone(), self.config, asleep)
        self.heard()

    def heard(self) -> None:
        """Between ticks: what the last credit or request left."""
        self.alone.heard(self.bench.report())
        self.feel()

    def feel(self) -> None:
        sense = self.alone.sense()
        if sense is not None:
            report = self.bench.answer(sense)
            assert isinstance(report, messages.Report)
            self.alone.heard(report)
            assert self.alone.sense() is None

    def run(self, n: int, stop_mask: int = 0, dense: bool = False) -> None:
        end_tick = self.plant.tick + n
        while self.plant.tick < end_tick:
            target = min(end_tick, self.plant.tick + self.rng.choice((1, 2, 50, 700, n)))
            self.credits += 1
            if self.shadow is not None and (until := vouched_until(self.shadow, target)) > self.plant.tick:
                self.run_following(until, self.shadow)
            else:
                self.grant(self.alone.rests_until(target))

    def grant(self, target: int) -> None:
        before = self.plant.tick
        self.bench.grants(STOPS)
        super().run(target - before, STOPS, self.rng.random() < 0.5)
        assert before < self.plant.tick <= target
        if self.shadow is not None:
            self.shadow.run(self.plant.tick - before)
        self.heard()

    def run_following(self, target: int, shadow: Pump) -> None:
        self.bench.grants(FOLLOW)
        shadow.follow = True
        super().run(target - self.plant.tick, FOLLOW, self.rng.random() < 0.5)
        shadow.run(target - shadow.plant.tick, FOLLOW)
        shadow.follow = False
        assert shadow.plant.tick == self.plant.tick
        self.alone.followed(shadow.plant.clone(), self.bench.report())
        self.feel()

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> messages.Refused | None:
        arguments = arg_0, arg_1, arg_2
        said = None if fault in PLANT_FAULTS else super().inject(fault, *arguments)
        if said is None:
            said = self.alone.inject(fault, arguments) if fault in (*PLANT_FAULTS, Fault.POWER_CUT) else None
        self.heard()
        return said

    def handle(self, message: object, request_id: int = 0, body_crc: int = 0) -> object:
        said = super().handle(message, request_id, body_crc)
        self.heard()
        return said


def same(whole: Pump, split: Split) -> None:
    """The plant is the bench's; of the controller's side everything must be as in the whole pump."""
    there = split.clone()
    there.plant = split.alone.plant
    assert differences(whole, there) == []
    assert (split.effect_count, split.effect_crc) == (whole.effect_count, whole.effect_crc)


def told(answer: object) -> object:
    """A reply but for the one word that depends on where the plant is."""
    return replace(answer, plant_crc=0) if isinstance(answer, messages.Status) else answer


def walk(seed: int, following: bool) -> tuple[Pump, Split]:
    """A random walk, compared after each act and each stretch."""
    rng = random.Random(seed)
    whole = walks.draw_pump(rng)
    shadow = whole.clone() if following else None
    split = Split(whole, random.Random(seed), shadow)
    for stretch in range(5):
        for act in walks.draw_acts(rng, 10 * stretch + 1):
            if shadow is not None:
                act(shadow)
            assert told(act(whole)) == told(follow_up(act, split))
            same(whole, split)
        ticks = walks.draw_ticks(rng)
        whole.run(ticks, dense=True)
        split.run(ticks)
        same(whole, split)
    return whole, split


def follow_up(act: walks.Act, split: Split) -> object:
    """The shadow was told, and run, already: where an act takes time the split pump must not run it again."""
    shadow, split.shadow = split.shadow, None
    try:
        return act(split)
    finally:
        split.shadow = shadow


@settings(max_examples=effort(80, 3_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_a_controller_with_its_plant_outside_is_the_whole_pump(seed: int) -> None:
    walk(seed, following=False)


@settings(max_examples=effort(80, 3_000))
@given(seed=st.integers(0, 2**64 - 1))
def test_a_rotor_that_is_vouched_for_is_followed_as_if_every_step_were_felt(seed: int) -> None:
    walk(seed, following=True)


@settings(max_examples=effort(60, 2_000))
@given(seed=st.integers(0, 2**64 - 1), stop_mask=st.integers(0, 31))
def test_a_leap_with_the_plant_outside_equals_dense_ticks(seed: int, stop_mask: int) -> None:
    rng = random.Random(seed)
    dense = walks.draw_pump(rng)
    leapt = dense.clone()
    pair = dense, leapt
    for stretch in range(5):
        senses = messages.Sense(
            rotor_count=rng.choice((0, dense.plant.rotor_count, 65_535)), sample_mv=rng.choice((0, 2_500, 2_900)),
            emi=rng.randrange(2), reset=rng.choice((0, 0, 0, 2)), dead=int(rng.random() < 0.03),
        )  # fmt: skip
        acts = walks.draw_acts(rng, 10 * stretch + 1)
        ticks = walks.draw_ticks(rng)
        for pump in pair:
            bench = Bench(pump)
            bench.answer(senses)
            bench.grants(stop_mask)
            for act in acts:
                act(pump)
        dense.run(ticks, stop_mask, dense=True)
        leapt.run(ticks, stop_mask)
        assert differences(dense, leapt) == []
        assert (dense.load[2:], dense.step_commanded) == (leapt.load[2:], leapt.step_commanded)
        assert dense.seen & dense.marks(stop_mask) == leapt.seen & leapt.marks(stop_mask)


def test_following_takes_far_fewer_credits() -> None:
    whole = build.treating()
    split = Split(whole, random.Random(1), whole.clone())
    felt = Split(whole, random.Random(1), None)
    for one in (split, felt):
        one.rng = random.Random(1)
        one.run(300_000)
    whole.run(300_000)
    same(whole, split)
    same(whole, felt)
    assert felt.credits > whole.durable.step_count > 10 * split.credits


@pytest.mark.parametrize("charge_ppm", [0, 1, 60])
def test_a_battery_that_ends_ends_in_the_same_tick(charge_ppm: int) -> None:
    whole = build.treating()
    split = Split(whole, random.Random(3), whole.clone())
    for pump in (whole, split, split.shadow):
        assert pump is not None
        pump.inject(Fault.BATTERY_CHARGE, charge_ppm)
    for _ in range(40):
        whole.run(7_000)
        split.run(7_000)
        same(whole, split)
    assert whole.plant.dead or whole.durable.boot_count > 1
