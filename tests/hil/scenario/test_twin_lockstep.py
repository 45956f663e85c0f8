"""Every shipped scenario and many drawn ones in lockstep: firmware and reference say the same to the last digest."""

import pytest

from pumpbench.hil.rig import RigResult, open_rig
from pumpbench.hil.scenario.generate import generate
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.result import ScenarioResult
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load, shipped_names
from pumpbench.hil.verdict import Verdict
from tests.support import SEED, effort, require

LONGEST = "standard_seven_years"
COUNT = effort(200, 5_000)
# In parts, so that a failure stops few and each part stays within the suite's time limit.
PARTS = 10


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    require("cc")
    require("make")


def twin(scenario: Scenario, seed: int) -> tuple[ScenarioResult, RigResult]:
    with open_rig("native", "twin", seed=seed) as rig:
        result = run_scenario(scenario, rig, seed=seed)
        return result, rig.finish()


def check_agrees(scenario: Scenario, seed: int) -> None:
    """Two implementations agree, every digest was compared, and the expectations are met."""
    result, found = twin(scenario, seed)
    assert found.judged[0] is Verdict.PASS, f"{scenario.source}, seed {seed}: {found.judged[1]}"
    assert result.verdict is Verdict.PASS, f"{scenario.source}, seed {seed}: {result.reason}"
    assert found.ticks == scenario.until_tick
    assert found.dense_ticks == found.ticks, "the firmware runs every tick"
    assert found.digests_compared >= 3 * found.credits
    assert found.effects_compared == result.event_count


@pytest.mark.parametrize("name", [name for name in shipped_names() if name != LONGEST])
def test_shipped_scenario_agrees_on_firmware_and_reference(name: str) -> None:
    check_agrees(load(name), SEED)


@pytest.mark.soak
def test_seven_years_agree_on_firmware_and_reference() -> None:
    check_agrees(load(LONGEST), SEED)


@pytest.mark.parametrize("part", range(PARTS))
def test_drawn_scenarios_agree_on_firmware_and_reference(part: int) -> None:
    for seed in range(SEED + part, SEED + COUNT, PARTS):
        check_agrees(generate(seed), seed)
