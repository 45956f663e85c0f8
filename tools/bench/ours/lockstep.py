"""The main job: ninety days of the default scenario, emulator and firmware in lockstep, every digest compared."""

import shutil
from contextlib import ExitStack

from pumpbench.hil.firmware import board_image
from pumpbench.hil.qemu.boards import BOARDS
from pumpbench.hil.qemu.machine import INSTALL, PROGRAM
from pumpbench.hil.rig import RigResult, open_rig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import DEFAULT, load
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.bench.contender import Absent, Round, Setting, seconds
from pumpbench.tools.bench.ours.engines import dense_c


def ninety_days(setting: Setting, stack: ExitStack) -> Round:
    """The wall's clock, from opening the target to its verdict, its capture written as `pumpbench run` does."""
    return seconds(lambda: _run(setting))


def ninety_days_dense_c(setting: Setting, stack: ExitStack) -> Round:
    """What the firmware's own ticks of the span take, as a multiple of what a round really runs."""
    rate, ticks = dense_c(setting, stack), _until_tick(setting)
    return lambda: ticks / rate()


def netduinoplus2(setting: Setting, stack: ExitStack) -> Round:
    return _on_board("netduinoplus2", setting)


def mps2_an385(setting: Setting, stack: ExitStack) -> Round:
    return _on_board("mps2-an385", setting)


def microbit(setting: Setting, stack: ExitStack) -> Round:
    return _on_board("microbit", setting)


def _on_board(board: str, setting: Setting) -> Round:
    """The same against the board's own image, which is built before the clock runs. Raises `Absent`, `FirmwareMissing`."""
    if shutil.which(PROGRAM) is None:
        raise Absent(f"no {PROGRAM}: {INSTALL}")
    board_image(BOARDS[board].family)
    return seconds(lambda: _run(setting, f"qemu:{board}"))


def _run(setting: Setting, target: str = "native") -> RigResult:
    with open_rig(target, "twin", capture=setting.folder / "twin.pcapng", force=True) as rig:
        run_scenario(load(DEFAULT), rig, until_tick=_until_tick(setting))
        result = rig.finish()
    assert result.verdict is Verdict.PASS, result.judged
    return result


def _until_tick(setting: Setting) -> int:
    return setting.count(load(DEFAULT).until_tick)
