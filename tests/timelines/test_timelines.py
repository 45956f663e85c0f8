"""Every hand-worked timeline on every implementation: the figures on the page judge all of them."""

from functools import cache

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.conformance.timelines.cases import Case, paths, read_case
from pumpbench.hil.conformance.timelines.machines import Machine, Native, Reference
from pumpbench.hil.conformance.timelines.player import disagreements
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.layout import layout_of
from tests.support import require

DENSE_TICKS_MAX = 60_000
CASES = [read_case(path) for path in paths()]
SHORT = [case for case in CASES if case.end_tick <= DENSE_TICKS_MAX]
WRONG = [(case, field, value) for case in CASES for field, value in case.wrong.items()]


@cache
def library() -> NativeLibrary:
    return NativeLibrary()


def native() -> Machine:
    """The C firmware; the test is left out where nothing can build it."""
    require("cc")
    require("make")
    return Native(library())


def name_of(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_reference_agrees_with_the_hand_worked_figures(case: Case) -> None:
    assert not list(disagreements(case, Reference()))


@pytest.mark.parametrize("case", SHORT, ids=name_of)
def test_reference_agrees_with_the_hand_worked_figures_when_it_runs_every_tick(case: Case) -> None:
    assert not list(disagreements(case, Reference(dense=True)))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_firmware_agrees_with_the_hand_worked_figures(case: Case) -> None:
    assert not list(disagreements(case, native()))


@pytest.mark.parametrize(("case", "field", "value"), WRONG, ids=[f"{case.name}-{field}" for case, field, _ in WRONG])
def test_timelines_catch_a_wrong_number_in_the_configuration(case: Case, field: str, value: int) -> None:
    caught = next(disagreements(case, Reference(), planted={field: value}), None)
    assert caught is not None, f"{case.name} lets {field} = {value} pass"


def test_timelines_judge_every_number_of_the_configuration_as_declared() -> None:
    judged = {field for case in CASES for field in case.wrong if field not in case.config or field == "quirks"}
    assert judged == {field.name for field in layout_of(Config).fields}
