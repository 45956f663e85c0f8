"""What a pump is told in a run and when, read from a capture or recorded from a scenario; it moves no pump."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.replay.player import start_of
from pumpbench.hil.replay.recorded import Recorded, Request, load
from pumpbench.hil.rig import About, open_rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as load_scenario
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.messages import Inject, ResetToStart
from pumpbench.tools.failure import Failed

PCAPNG: Final = bytes.fromhex("0a0d0d0a")


@dataclass(frozen=True, slots=True)
class Act:
    """Told between ticks, after `tick` of them: bytes of a therapy request, or a fault with its arguments."""

    tick: int
    name: str
    wire: bytes = b""
    fault: tuple[int, int, int, int] | None = None


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
        with path.open("rb") as file:
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
        recorded = load(path)
        config = {key: int(value) for key, value in (recorded.header or {})["config"].items()}
        start = start_of(recorded.header)
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Failed(f"{path}: its header tells no start ({problem}); give a capture that `pumpbench run` made") from problem
    return Timeline(title, config, start, tuple(_acts(recorded)), recorded.last_tick)


def _acts(recorded: Recorded) -> list[Act]:
    found = (_act(request) for request in recorded.requests)
    return [act for act in found if act is not None]


def _act(request: Request) -> Act | None:
    tick = request.reply.head[7] if request.reply is not None else request.tick
    if request.frame is None or not request.bench:
        return Act(tick, request.name, wire=request.wire)
    message = request.frame.message
    if isinstance(message, Inject):
        name = f"inject {Fault.name_of(message.fault)}"
        return Act(tick, name, fault=(message.fault, message.arg_0, message.arg_1, message.arg_2))
    return None
