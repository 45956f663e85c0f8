"""Rigs: a pump under a bench, alone or in lockstep with the reference. Knows no scenario and prints nothing."""

from pathlib import Path
from typing import Final

from pumpbench.hil.compare import Mask
from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.rig.base import BaseRig
from pumpbench.hil.rig.budget import budget_of
from pumpbench.hil.rig.controller import ControllerRig
from pumpbench.hil.rig.local import LocalRig
from pumpbench.hil.rig.lockstep import TwinRig
from pumpbench.hil.rig.recording import About, Recording
from pumpbench.hil.rig.rig import Rig, RigResult, Stamped
from pumpbench.hil.targets import Access, check_name, open_target
from pumpbench.hil.twin import Diverged
from pumpbench.hil.wire import Wire

TOPOLOGIES: Final = ("local", "twin", "controller")


def open_rig(
    target: str,
    topology: str,
    *,
    seed: int = 1,
    capture: Path | None = None,
    about: About | None = None,
    force: bool = False,
    sync: bool = False,
    masks: tuple[Mask, ...] = (),
    access: Access | None = None,
    wire: Wire | None = None,
    rotor_follow: bool = True,
) -> BaseRig:
    """A rig over a target that it opens and, at `finish` or `close`, closes. `seed`: of the credit lengths. `wire`: what goes
    wrong with therapy frames on their way. `rotor_follow`: of topology controller, which else stops at every step.

    Raises `TargetUnknown`, `CaptureError` for the capture's path, `RigBroken` or a `LinkError`.
    """
    if topology not in TOPOLOGIES:
        raise TargetUnknown(f"topology {topology!r} is not known; choose one of {', '.join(TOPOLOGIES)}")
    if topology == "local" and check_name(target) != "emulator":
        raise TargetUnknown(f"target {target!r}: topology local runs in the emulator alone; choose topology twin")
    opened = open_target(target, pty=topology != "local", access=access)
    try:
        recording = None if capture is None else Recording(capture, about or About(seed=seed), force, sync)
    except BaseException:
        opened.close()
        raise
    if topology == "local":
        return LocalRig(opened, seed, recording, wire)
    budget = budget_of(target, () if access is None else access.budget)
    if topology == "controller":
        return ControllerRig(opened, seed, recording, masks, wire, budget, rotor_follow)
    return TwinRig(opened, seed, recording, masks, wire, budget)


__all__ = ["TOPOLOGIES", "About", "BaseRig", "ControllerRig", "Diverged", "LocalRig", "Mask", "Recording", "Rig", "RigResult",
           "Stamped", "TwinRig", "open_rig"]  # fmt: skip
