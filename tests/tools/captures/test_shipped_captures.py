"""Every shipped recording is what its origin says, gets the verdict stated there on each target, and can be made again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.capture import verify
from pumpbench.hil.links import NotOnRecord
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.replay.replay import sureness_of
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as load_scenario
from pumpbench.hil.targets import Target, open_target
from pumpbench.hil.targets.capture import CaptureTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.captures.__main__ import difference_of
from pumpbench.tools.captures.making import command_of, make
from pumpbench.tools.captures.origin import SUFFIX, capture_of, read_origin
from pumpbench.tools.captures.plan import BOARD, PLAN, TARGETS
from tests.support import EFFORT, ROOT, require, rng

FOLDER = ROOT / "fixtures" / "captures"
SIZE_BYTES_MAX = 1_400_000
MADE_ANEW = (
    "native_single_bolus", "native_free_run", "native_desk", "worked_tones", "session_anchored", "emulator_telemetry_hold",
)  # fmt: skip
ON_THE_BOARD = sorted(PLAN) if EFFORT == "soak" else sorted(rng("shipped captures").sample(sorted(PLAN), 4))


def on_targets() -> Iterator[tuple[str, str]]:
    """An emulated board takes seconds for one: the gate draws some."""
    return ((target, name) for target in TARGETS for name in (ON_THE_BOARD if target == BOARD else PLAN))


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest) -> Iterator[Target]:
    for need in {"emulator": (), "native": ("cc",), BOARD: ("cc", "arm", "qemu")}[request.param]:
        require(need)
    with open_target(request.param) as target:
        yield target


@pytest.mark.parametrize(("opened", "name"), list(on_targets()), indirect=["opened"])
def test_replay_gives_the_verdict_that_the_origin_states(opened: Target, name: str) -> None:
    origin = read_origin(FOLDER, name)
    result = replay_on(opened, load(capture_of(FOLDER, name)))
    assert str(result.verdict) == origin["verdict"][opened.name], result.reason
    assert origin.get("reason_says", "") in result.reason


def test_every_planned_recording_is_shipped_with_its_origin_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        "README.md", *(f"{name}{SUFFIX}" for name in PLAN), *(f"{name}.toml" for name in PLAN)
    }  # fmt: skip
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < SIZE_BYTES_MAX


@pytest.mark.parametrize("name", PLAN)
def test_origin_says_what_the_recording_is(name: str) -> None:
    origin, planned = read_origin(FOLDER, name), PLAN[name]
    recorded, verified = load(capture_of(FOLDER, name)), verify(capture_of(FOLDER, name))
    told: dict[str, Any] = {
        "title": planned.title,
        "command": command_of(planned),
        "sureness": sureness_of(recorded),
        "sealed": verified.whole,
        "records": verified.records,
        "last_tick": recorded.last_tick,
        "verdict": dict(planned.expected),
    }
    assert {key: origin[key] for key in told} == told
    build = recorded.identified
    assert origin.get("build") == (None if build is None else f"{build.build_id:016x}")
    assert (not recorded.gaps) == (planned.how != "damaged" or planned.damage == "value")


@pytest.mark.parametrize("name", MADE_ANEW)
def test_recording_made_anew_says_the_same(name: str, tmp_path: Path) -> None:
    """Where it does not, the pump's behaviour changed: see whether it should have, then `make captures`."""
    require("cc")
    make(PLAN[name], tmp_path / "fresh.pcapng")
    assert difference_of(capture_of(FOLDER, name), tmp_path / "fresh.pcapng") == ""


@pytest.mark.parametrize(("name", "until"), [("native_patient_limits", None), ("qemu_microbit", 864_000)])
def test_scenario_passes_on_its_shipped_recording(name: str, until: int | None) -> None:
    with TwinRig(CaptureTarget(str(capture_of(FOLDER, name))), PLAN[name].seed) as rig:
        run_scenario(load_scenario(PLAN[name].scenario), rig, until_tick=until)
        assert rig.finish().verdict is Verdict.PASS


def test_scenario_gets_no_answer_from_a_recording_of_it_on_another_wire() -> None:
    name = "native_bad_wire"
    rig = TwinRig(CaptureTarget(str(capture_of(FOLDER, name))), PLAN[name].seed)
    with rig, pytest.raises(NotOnRecord):
        run_scenario(load_scenario(PLAN[name].scenario), rig)
