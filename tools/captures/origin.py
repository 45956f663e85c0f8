"""Writes and reads what stands beside a shipped recording: where it comes from and what a replay of it has to say."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.capture import verify
from pumpbench.hil.replay import load
from pumpbench.hil.replay.replay import sureness_of
from pumpbench.hil.scenario.toml_text import to_toml
from pumpbench.tools.captures.making import command_of
from pumpbench.tools.captures.plan import SOURCE, Planned

SUFFIX: Final = ".pcapng.gz"


def capture_of(folder: Path, name: str) -> Path:
    return folder / f"{name}{SUFFIX}"


def write_origin(folder: Path, name: str, planned: Planned) -> None:
    """Beside the recording, which is read for what it says of itself."""
    text = to_toml(dict(_facts(capture_of(folder, name), planned)))
    (folder / f"{name}.toml").write_text(text)


def read_origin(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / f"{name}.toml").read_text())


def _facts(path: Path, planned: Planned) -> Iterator[tuple[str, Any]]:
    recorded, verified = load(path), verify(path)
    yield "title", planned.title
    yield "made_by", "this project; nothing in it was recorded on a person or a patient's device"
    yield "command", command_of(planned)
    if planned.damage:
        yield "damage", f"{planned.damage}, of {SOURCE}"
    if planned.how == "run":
        yield "scenario", planned.scenario
        yield "seed", planned.seed
    if planned.how == "timeline":
        yield "timeline", planned.timeline
    yield "target", planned.target
    identified = recorded.identified
    if identified is not None:
        yield "build", f"{identified.build_id:016x}"
    yield "sureness", sureness_of(recorded)
    yield "sealed", verified.whole
    yield "records", verified.records
    yield "last_tick", recorded.last_tick
    if planned.told:
        yield "reason_says", planned.told
    yield "verdict", dict(planned.expected)
