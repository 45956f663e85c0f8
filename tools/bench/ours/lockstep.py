"""The main job: ninety days of the default scenario, emulator and firmware in lockstep over a pty, every digest compared."""

from contextlib import ExitStack

from pumpbench.hil.rig import RigResult, open_rig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import DEFAULT, load
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.bench.contender import Round, Setting, seconds
from pumpbench.tools.bench.ours.engines import dense_c


def ninety_days(setting: Setting, stack: ExitStack) -> Round:
    """The wall's clock, from opening the target to its verdict, its capture written as `pumpbench run` does."""
    return seconds(lambda: _run(setting))


def ninety_days_dense_c(setting: Setting, stack: ExitStack) -> Round:
    """What the firmware's own ticks of the span take, as a multiple of what a round really runs."""
    rate, ticks = dense_c(setting, stack), _until_tick(setting)
    return lambda: ticks / rate()


def _run(setting: Setting) -> RigResult:
    with open_rig("native", "twin", capture=setting.folder / "twin.pcapng", force=True) as rig:
        run_scenario(load(DEFAULT), rig, until_tick=_until_tick(setting))
        result = rig.finish()
    assert result.verdict is Verdict.PASS, result.judged
    return result


def _until_tick(setting: Setting) -> int:
    return setting.count(load(DEFAULT).until_tick)
