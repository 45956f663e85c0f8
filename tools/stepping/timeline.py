"""What a pump is told in a run and when, read from a capture or recorded from a scenario; it moves no pump."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.replay.loader import load
from pumpbench.hil.rerun import Act, NoStart, script_of
from pumpbench.hil.rig import About, open_rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as load_scenario
from pumpbench.protocol.messages import ResetToStart
from pumpbench.tools.captured import library_for
from pumpbench.tools.failure import Failed

PCAPNG: Final = bytes.fromhex("0a0d0d0a")


@dataclass(frozen=True, slots=True)
class Timeline:
    """A start and everything told after it, in order."""

    title: str
    config: Mapping[str, int]
    start: ResetToStart
    acts: tuple[Act, ...]
    end_tick: int


def timeline_of(name: str) -> Timeline:
    """Of a capture file, or of a scenario by name or file, which is run in the emulator first.

    Raises `Failed` or `ScenarioError`.
    """
    path = Path(name)
    if _is_capture(path):
        return _from_capture(path, name)
    scenario = load_scenario(name)
    with tempfile.TemporaryDirectory(prefix="pumpbench-") as folder:
        return _from_capture(_record(scenario, Path(folder) / "run.pcapng"), scenario.title)


def _is_capture(path: Path) -> bool:
    try:
        # To open a pipe is to wait for its writer.
        if not path.is_file():
            return False
        with open_to_read(path) as file:
            return file.read(len(PCAPNG)) == PCAPNG
    except OSError:
        return False


def _record(scenario: Scenario, path: Path) -> Path:
    with open_rig("emulator", "local", capture=path, about=About(scenario=scenario.text), wire=scenario.wire) as rig:
        run_scenario(scenario, rig)
        rig.finish()
    return path


def _from_capture(path: Path, title: str) -> Timeline:
    try:
        script = script_of(load(path, library_for(path)))
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    except NoStart as problem:
        raise Failed(f"{path}: {problem}; give a capture that `pumpbench run` made") from problem
    acts = tuple(act for act in script.acts if not act.is_grant)
    return Timeline(title, script.config, script.start, acts, script.end_tick)
