"""Power fails behind every word of every write, and again while the pump boots: what stands afterwards obeys the page."""

from functools import cache
from itertools import pairwise

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.hil.statediff import differences
from tests.power_cuts import laws
from tests.power_cuts.campaign import broken_laws, cut_states
from tests.power_cuts.stories import STORIES, Story, treated
from tests.power_cuts.victim import one_tick, points
from tests.support import effort, require, rng

by_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name.replace(" ", "-"))


@cache
def library() -> NativeLibrary:
    return NativeLibrary()


def native() -> NativeDevice:
    require("cc")
    require("make")
    return library().device()


@by_story
def test_firmware_boots_lawfully_when_cut_behind_any_word(story: Story) -> None:
    count = 0
    for point in broken_laws(story, treated(native())):
        count += 1
        assert not point.laws, f"{story.name}, tick {point.tick}, behind {point.words} words: {'; '.join(point.laws)}"
    print(f"{story.name}: {count} points of power loss")
    assert count > 1


@by_story
def test_firmware_boots_lawfully_when_power_fails_again_while_it_boots(story: Story) -> None:
    victim = treated(native())
    once = list(cut_states(story, victim))
    draw, count = rng(f"torn {story.name}"), 0
    for before, _, cut in draw.sample(once, min(effort(4, len(once)), len(once))):
        victim.put(cut)
        victim.pass_ticks(cut.parts["config"].boot_ticks)
        booting = points(victim, victim.state(), one_tick)
        for again in draw.sample(booting, min(effort(25, len(booting)), len(booting))):
            count += 1
            found = list(laws.broken(before, victim.boot(again), stop_asked=story.stop_asked))
            assert not found, f"{story.name}, torn sequence {count}: {'; '.join(found)}"
    print(f"{story.name}: {count} torn sequences")
    assert count > 1


@by_story
def test_emulator_stands_as_the_firmware_does_after_a_cut_and_the_boot(story: Story) -> None:
    firmware, emulator = treated(native()), treated(Device(build_id=library().build_id))
    pairs = list(zip(story.prepare(firmware), story.prepare(emulator), strict=True))
    count = 0
    for ours, theirs in pairs:
        assert ours.snapshot == theirs.snapshot, f"{story.name}: the two differ before the cut"
        cuts = points(firmware, ours, story.act)
        for words in sorted(rng(f"parity {story.name}").sample(range(len(cuts)), min(effort(4, len(cuts)), len(cuts)))):
            count += 1
            cut = emulator.cut(theirs, story.act, words)[0]
            both = (cuts[words].snapshot, cut.snapshot), (firmware.boot(cuts[words]).snapshot, emulator.boot(cut).snapshot)
            found = [str(one) for one in differences(list(both))]
            assert not found, f"{story.name} cut behind {words} words (firmware against emulator): {'; '.join(found[:6])}"
    print(f"{story.name}: {count} points on both")


def test_points_of_an_act_add_one_word_each() -> None:
    victim = treated(native())
    story = next(one for one in STORIES if one.name == "bolus")
    (before,) = story.prepare(victim)
    words = [cut.parts["memory"].words for cut in points(victim, before, story.act)]
    changed = [sum(a[at : at + 4] != b[at : at + 4] for at in range(0, len(a), 4)) for a, b in pairwise(words)]
    assert max(changed) == 1
    assert words[0] == before.parts["memory"].words
