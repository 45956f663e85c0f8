"""The search for the nearest value that prevents: laws over knobs that sound, fall silent and are taken no more anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.guards import DOWN, UP, Lever
from pumpbench.hil.explain.knobs import Knob
from pumpbench.hil.explain.search import Outcome, Search
from pumpbench.hil.rerun import Script

DISTANCES = st.integers(1, 1 << 20)


def knob(recorded: int, end: int, way: int, landmarks: tuple[int, ...] = ()) -> Knob:
    def made(_: int) -> Script:
        raise AssertionError("the search runs what it is given")

    return Knob(Lever("config", "", "any", way), "any", "", recorded, end, made, landmarks)


@given(st.integers(0, 1 << 21), DISTANCES, DISTANCES, st.sampled_from([UP, DOWN]))
def test_search_finds_the_value_next_to_the_last_that_sounds(recorded: int, far: int, range_: int, way: int) -> None:
    silent_from, end = recorded + way * far, recorded + way * range_
    asked: list[int] = []

    def run(value: int) -> Outcome:
        asked.append(value)
        return Outcome.SILENT if (value - silent_from) * way >= 0 else Outcome.SOUNDS

    found = Search(knob(recorded, end, way), run).found()
    assert found == (silent_from if far <= range_ else None)
    assert len(asked) == len(set(asked)) <= 50, "each value is run once, and few are"
    assert all(0 < (value - recorded) * way <= range_ for value in asked)


@given(DISTANCES, DISTANCES, DISTANCES)
def test_search_gives_no_value_that_is_no_run_of_the_same_therapy(far: int, refused: int, range_: int) -> None:
    """Up to `refused` the pump takes what it took; a value that prevents beyond it is no answer."""

    def run(value: int) -> Outcome:
        if value >= refused:
            return Outcome.NO_RUN
        return Outcome.SILENT if value >= far else Outcome.SOUNDS

    found = Search(knob(0, range_, UP), run).found()
    assert found == (far if far < refused and far <= range_ else None)


@given(st.integers(1, 1 << 12), st.integers(1, 1 << 12), st.integers(1, 1 << 20))
def test_search_does_not_step_over_a_landmark_in_a_narrow_stretch(far: int, width: int, beyond: int) -> None:
    """A visit helps when it comes after its cause and before the alarm, and never else."""

    def run(value: int) -> Outcome:
        return Outcome.SILENT if far <= value < far + width else Outcome.SOUNDS

    found = Search(knob(0, far + width + beyond, UP, landmarks=(far,)), run).found()
    assert found == far
