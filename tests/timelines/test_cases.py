"""The timelines as texts: their workings come out, they cite what exists, and nobody forgot to work a number out."""

import re
from pathlib import Path

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.conformance.timelines.cases import CaseError, paths, read_case
from pumpbench.protocol.layout import layout_of
from tests.support import ROOT
from tests.timelines.arithmetic import equations, holds, numbers, workings

CASES_MIN = 16
SEMANTICS = ROOT / "firmware_emu" / "SEMANTICS.md"
SOURCES = ROOT / "firmware_emu" / "SOURCES.md"


def headings(page: Path) -> set[str]:
    """Numbers of the page's sections, as in `## 5. States` and `### 5.4 Refill due`."""
    return set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", page.read_text(), re.MULTILINE))


def test_timelines_are_enough_to_judge_two_implementations() -> None:
    assert len(paths()) >= CASES_MIN


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_workings_come_out_as_written(path: Path) -> None:
    wrong = [f"{place}: {one}" for place, _, text in workings(read_case(path)) for one in equations(text) if not holds(one)]
    assert not wrong, f"{path.name}: " + "; ".join(wrong)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_numbers_that_are_checked_stand_in_their_workings(path: Path) -> None:
    wrong = [
        f"{place}: {number} is checked and not derived"
        for place, checked, text in workings(read_case(path))
        for number in checked
        if number > 1 and number not in numbers(text)
    ]
    assert not wrong, f"{path.name}: " + "; ".join(wrong)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_timelines_cite_sections_and_sources_that_exist(path: Path) -> None:
    case = read_case(path)
    unknown = set(case.sections) - headings(SEMANTICS)
    listed = set(re.findall(r"^\| ([A-Z]\d\d) \|", SOURCES.read_text(), re.MULTILINE))
    assert case.sections
    assert not unknown, f"{path.name}: no section {unknown}"
    assert set(case.sources) <= listed, f"{path.name}: {set(case.sources) - listed} not in {SOURCES.name}"


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_timelines_check_something_and_plant_only_fields_that_exist(path: Path) -> None:
    case = read_case(path)
    fields = {field.name for field in layout_of(Config).fields}
    assert case.events or any({"state", "replied"} & set(moment.body) for moment in case.moments)
    assert set(case.wrong) | set(case.config) <= fields


@pytest.mark.parametrize(
    ("equation", "true"),
    [
        ("2 + 2 = 4", True),
        ("7 // 2 = 3 < 4", True),
        ("1_000 % 7 = 6", True),
        ("2 + 2 = 5", False),
        ("3 <= 2", False),
    ],
)
def test_equations_are_judged_by_what_they_say(equation: str, true: bool) -> None:
    assert holds(equation) == true


@pytest.mark.parametrize("equation", ["1.5 * 2 = 3", "x = 3", "4 / 2 = 2", "2 ** 3 = 8", "3"])
def test_equations_are_refused_when_they_are_not_of_whole_numbers(equation: str) -> None:
    with pytest.raises(ValueError):
        holds(equation)


def test_numbers_are_read_with_either_separator() -> None:
    assert numbers("`1_000 * 2` make 2 000, at tick 12") == {1000, 2, 2000, 12}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[moment]]\ntick = 5\n[[moment]]\ntick = 4\n", "expected exactly one of"),
        ("[[moment]]\ntick = 5\nstate = {}\n[[moment]]\ntick = 4\nstate = {}\n", "ticks may not fall"),
        ("[[moment]]\ntick = 11\nstate = {}\n", "after the end"),
        ("[[moment]]\ntick = 1\nsend = 'Stop'\nargs = [1]\n", "unknown args"),
        ("[[event]]\nevent = 'stopped'\ntick = [1]\n", "unknown tick"),
        ("sed = 1\n", "unknown sed"),
    ],
)
def test_timelines_are_refused_with_what_is_wrong_in_them(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "planted.toml"
    path.write_text(f"title = 'x'\nsections = ['4']\nsources = []\nend = 10\n{text}" if "sed" not in text else text)
    with pytest.raises(CaseError, match=said):
        read_case(path)
