"""Shipped scenarios: each says why and by which sources, each passes on the emulator, and each field failure is among them."""

import re

import pytest

from pumpbench.hil.rig.local import LocalRig
from pumpbench.hil.scenario.check import Outcome
from pumpbench.hil.scenario.lint import lint
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import DEFAULT, load, scenario_text, shipped_names
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm, Quirk
from tests.support import ROOT, SEED

NAMES = shipped_names()
# The documented failures of devices of this class, by source.
FIELD_FAILURES = {
    "F02",
    "F03",
    "F04",
    "F06",
    "F07",
    "F08",
    "F09",
    "F10",
    "F11",
    "F14",
    "F17",
    "F19",
    "F20",
    "C07",
    "M06",
    "P02",
    "P05",
    "P06",
}


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenario_is_clean_and_says_why(name: str) -> None:
    text, source = scenario_text(name)
    assert lint(text, source) == []
    scenario = load(name)
    assert scenario.why, f"{name} does not say why"
    assert scenario.sources, f"{name} names no source"
    assert "\n" not in scenario.title
    assert text.startswith("#:schema ../schema/scenario.schema.json\n"), "so that editors complete it"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenario_passes_when_run_on_the_emulator(name: str) -> None:
    scenario = load(name)
    with LocalRig(EmulatorTarget(), SEED) as rig:
        result = run_scenario(scenario, rig, seed=SEED)
    assert result.verdict is Verdict.PASS, result.reason
    assert result.of(Outcome.NOT_REACHED) == []


def test_example_of_the_page_is_a_scenario_that_runs() -> None:
    page = (ROOT / "fixtures/scenarios/README.md").read_text()
    example = "\n".join(line.strip() for line in page.splitlines() if line.startswith("    "))
    assert lint(example, "README.md") == []
    with LocalRig(EmulatorTarget(), SEED) as rig:
        assert run_scenario(read_scenario(example, "README.md"), rig).verdict is Verdict.PASS


def test_default_scenario_is_ninety_days_with_one_refill_and_no_alarm() -> None:
    scenario = load(DEFAULT)
    assert scenario.until_tick == 90 * 864_000
    assert [step.act for step in scenario.steps].count("refill") == 1
    assert not scenario.allow_alarms


def test_sources_of_scenarios_are_listed_where_sources_are() -> None:
    listed = set(re.findall(r"\b[A-Z]\d\d\b", (ROOT / "firmware_emu/SOURCES.md").read_text()))
    cited = {source for name in NAMES for source in load(name).sources} - {"unsourced"}
    assert cited <= listed, f"firmware_emu/SOURCES.md lacks {sorted(cited - listed)}"


def test_every_documented_field_failure_has_its_scenario() -> None:
    assert FIELD_FAILURES <= {source for name in NAMES for source in load(name).sources}


def test_every_alarm_and_quirk_has_its_scenario() -> None:
    named = {one.arg_0 for name in NAMES for one in load(name).occurrences if one.what.startswith("alarm ") and one.most != 0}
    assert named == {alarm for _, alarm in Alarm.items()}
    quirks = {load(name).config.get("quirks", 0) for name in NAMES}
    assert quirks == {0, *(1 << bit for _, bit in Quirk.items())}


def test_low_alarm_at_four_millilitres_is_earlier_by_exactly_two_of_flow() -> None:
    raised = {}
    for name in ("low_alarm_at_2_ml", "low_alarm_at_4_ml"):
        with LocalRig(EmulatorTarget(), SEED) as rig:
            (raised[name],) = run_scenario(load(name), rig).alarms
    ticks = raised["low_alarm_at_2_ml"].raised_tick - raised["low_alarm_at_4_ml"].raised_tick
    # 2 000 000 nl at 600 000 nl a day.
    assert ticks * 600_000 == 2_000_000 * 864_000
