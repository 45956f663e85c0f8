"""Emulated boards as controllers alone: days of therapy end as those of the whole pump in this process."""

import pytest

from pumpbench.hil.rig import ControllerRig, open_rig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.limits import TICKS_PER_DAY
from tests.hil.qemu.boards import FIRST_THREE, board
from tests.support import SEED, effort


@pytest.mark.parametrize("name", FIRST_THREE)
def test_days_on_a_board_whose_plant_is_here_end_as_those_of_a_whole_pump(name: str) -> None:
    scenario, until_tick = load("default"), effort(2, 90) * TICKS_PER_DAY
    with open_rig("emulator", "local", seed=SEED) as whole:
        run_scenario(scenario, whole, seed=SEED, until_tick=until_tick)
        expected = whole.truth().snapshot(), whole.truth().effect_crc, whole.events
    with board(name) as target, ControllerRig(target, SEED) as rig:
        run_scenario(scenario, rig, seed=SEED, until_tick=until_tick)
        result = rig.finish()
        assert result.judged[0] is Verdict.PASS, result.judged[1]
        assert (rig.truth().snapshot(), rig.truth().effect_crc, rig.events) == expected
    assert result.effects_compared == len(rig.events) > 10
