"""`explain` says nothing of a known-bad build's alarm that its recording contradicts: it was never heard, or cleared itself."""

from pathlib import Path

import pytest

from pumpbench.hil.explain import Explainer, Sounding
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.rig import About, Recording, TwinRig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as shipped
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Alarm
from tests.known_bad.builds import Workshop
from tests.known_bad.library_target import LibraryTarget
from tests.known_bad.table import FOLDER
from tests.support import SEED, require
from tests.tools.command import pumpbench

SCENARIO = "empty_reservoir"
UNHEARD, CLEARED = "002_low_alarm_computed_never_sounded", "004_silence_clears"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for tool in ("cc", "make", "git"):
        require(tool)
    folder = tmp_path_factory.mktemp("explained_builds")
    workshop = Workshop(folder / "workshop")
    record(folder / "good.pcapng", workshop.library)
    for name in (UNHEARD, CLEARED):
        record(folder / f"{name}.pcapng", workshop.spoiled(FOLDER / f"{name}.patch"))
    return folder


def record(path: Path, library: Path) -> None:
    """To the credit at which firmware and reference part, as a twin rig ends it."""
    scenario = shipped(SCENARIO)
    recording = Recording(path, About(scenario=scenario.text, seed=SEED))
    with TwinRig(LibraryTarget(NativeLibrary(library)), SEED, recording) as rig:
        run_scenario(scenario, rig, seed=SEED)
        rig.finish()


def low_in(path: Path) -> tuple[Explainer, Sounding]:
    explainer = Explainer(load(path))
    return explainer, next(one for one in explainer.soundings if one.alarm == Alarm.LOW_RESERVOIR)


@pytest.mark.parametrize("name", [UNHEARD, CLEARED])
def test_alarm_that_a_bad_build_made_otherwise_is_explained_of_the_rerun_alone(name: str, folder: Path) -> None:
    done = pumpbench("explain", f"{name}.pcapng", cwd=folder)
    assert done.returncode == 3, done.stdout
    assert done.stderr.startswith("INCONCLUSIVE")
    assert "put it to `replay` or `diff`" in done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"replay {name}.pcapng --against emulator")
    assert "does not clear it" not in done.stdout


@pytest.mark.parametrize("name", [UNHEARD, CLEARED])
def test_explanation_in_doubt_names_the_tick_and_field_that_a_replay_names(name: str, folder: Path) -> None:
    path = folder / f"{name}.pcapng"
    explainer, low = low_in(path)
    with EmulatorTarget() as target:
        replayed = replay_on(target, load(path)).first_difference
    assert explainer.first_difference is not None
    assert replayed is not None
    assert low.raised_tick < explainer.first_difference.tick
    assert explainer.first_difference.replayed == replayed.replayed
    assert replayed.replayed in explainer.doubt(low)


def test_alarm_of_the_good_build_is_explained(folder: Path) -> None:
    explainer, low = low_in(folder / "good.pcapng")
    assert (explainer.first_difference, explainer.doubt(low)) == (None, "")
