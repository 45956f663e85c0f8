"""Knows how lockstep with the reference judges a build: a scenario on a rig, or acts at a desk; it draws nothing."""

import re
from collections.abc import Sequence
from typing import Final

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.rig import RigResult, TwinRig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.statediff import differences
from tests.known_bad.finding import Finding
from tests.known_bad.library_target import LibraryTarget
from tests.parity.acts import Act
from tests.parity.desk import Desk, Parted, twin
from tests.parity.sides import Firmware
from tests.parity.walks import play

SEED: Final = 1
_FIELD: Final = re.compile(r"(\w+): Python ")


def scenario_judged(scenario: Scenario, library: NativeLibrary) -> Finding | None:
    """Where firmware and reference part, to the tick and every field; None where they agree to the end."""
    with TwinRig(LibraryTarget(library), SEED) as rig:
        try:
            run_scenario(scenario, rig, seed=SEED)
            return _finding(rig.finish())
        except (RigBroken, LinkError) as problem:
            return Finding(rig.tick, ("answer",), str(problem))


def _finding(result: RigResult) -> Finding | None:
    difference, divergence = result.first_difference, result.divergence
    if difference is None:
        return None
    if divergence is not None and divergence.place is not None and divergence.fields:
        return Finding(divergence.place.tick, tuple(field.name for field in divergence.fields), divergence.headline)
    if divergence is not None and divergence.difference is not None:
        difference = divergence.difference
    return Finding(difference.tick, (f"{difference.message}.{difference.field}",), str(difference))


def acts_judged(acts: Sequence[Act], library: NativeLibrary) -> Finding | None:
    """The same bytes to both; the first act after which they answer or stand differently."""
    desk = twin(Firmware(library), library.build_id)
    try:
        play(list(acts), desk)
    except Parted as parted:
        return Finding(desk.pump.plant.tick, _fields(desk, str(parted)), str(parted))
    return None


def _fields(desk: Desk, said: str) -> tuple[str, ...]:
    """Of the states; where they agree, those of the frame."""
    assert desk.other is not None
    states = differences([(desk.other.snapshot(), desk.reference.snapshot())])
    return tuple(one.name for one in states) or tuple(_FIELD.findall(said)) or ("frame",)
