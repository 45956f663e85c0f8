"""A wrong fact that both sides share leaves them in agreement; the hand-worked timelines must notice it, on each side."""

from pathlib import Path

import pytest

from tests.support import effort, require, rng
from tests.timelines.judge import AGREED, DISAGREED, NOT_THIS_TREE
from tests.timelines.planting import Copy, Plant
from tests.timelines.plants import all_plants


def drawn(side: str, n_gate: int) -> list[Plant]:
    """In the gate a few, the same for each seed; in the soak all."""
    plants = all_plants()
    return rng(f"plants of the {side}").sample(plants, effort(min(n_gate, len(plants)), len(plants)))


def name_of(plant: Plant) -> str:
    return f"{Path(plant.file).stem}: {plant.new}"


def test_copy_agrees_with_the_timelines_when_nothing_is_planted(tmp_path: Path) -> None:
    require("cc")
    require("make")
    copy = Copy(tmp_path)
    assert copy.judged() == (AGREED, "agreed")
    assert copy.judged(copy.firmware()) == (AGREED, "agreed")


@pytest.mark.parametrize("plant", drawn("reference", 8), ids=name_of)
def test_reference_is_caught_when_a_shared_fact_is_wrong(plant: Plant, tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.plant(plant)
    code, said = copy.judged()
    assert code == DISAGREED, said


@pytest.mark.parametrize("plant", drawn("firmware", 2), ids=name_of)
def test_firmware_is_caught_when_a_shared_fact_is_wrong(plant: Plant, tmp_path: Path) -> None:
    require("cc")
    require("make")
    copy = Copy(tmp_path)
    copy.plant(plant)
    code, said = copy.judged(copy.firmware())
    assert code == DISAGREED, said


def test_judge_refuses_to_speak_for_another_tree(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "here")
    copy.tree = tmp_path / "elsewhere"
    assert copy.judged()[0] == NOT_THIS_TREE


def test_plant_is_refused_where_the_fact_does_not_stand_once(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    with pytest.raises(ValueError, match="0 times; expected once"):
        copy.plant(Plant("protocol/limits.py", "no such fact", ""))
