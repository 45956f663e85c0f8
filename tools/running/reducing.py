"""Finds the shortest list of wire faults with which a run still fails; it prints nothing."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.rig import open_rig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire import Fault, Wire, reduced
from pumpbench.hil.wire.text import wire_toml
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.running.plan import Plan

SECONDS_MAX: Final = 120.0
SUFFIX: Final = ".wire.toml"


def with_shortest_wire(plan: Plan, outcome: Outcome) -> Outcome:
    """The outcome with the shortest wire that fails like it, written beside its capture; as it is where no wire made it fail.

    Runs the scenario again and again, for `SECONDS_MAX` at most: what is then left may be reducible still.
    """
    if outcome.wire is None or not outcome.wire.faults or outcome.verdict is not Verdict.FAIL or outcome.capture is None:
        return outcome
    wire, end_s = outcome.wire, time.monotonic() + SECONDS_MAX

    def fails(faults: Sequence[Fault]) -> bool:
        return time.monotonic() < end_s and _fails(plan, outcome, replace(wire, faults=tuple(faults)))

    try:
        shortest = replace(wire, faults=reduced(wire.faults, fails))
    except (ValueError, RigBroken, LinkError):
        return outcome  # it does not come again, or the rig gave up: the finding stands as it is
    path = outcome.capture.with_name(outcome.capture.name.removesuffix(".pcapng") + SUFFIX)
    return replace(outcome, shortest=shortest, wire_file=_written(path, shortest), reduced_whole=time.monotonic() < end_s)


def _fails(plan: Plan, outcome: Outcome, wire: Wire) -> bool:
    """Whether it fails with these faults, run as far as it ran."""
    access, follow = plan.target.access, plan.rotor_follow
    with open_rig(outcome.target, plan.topology, seed=plan.seed, access=access, wire=wire, rotor_follow=follow) as rig:
        try:
            expected = run_scenario(outcome.scenario, rig, seed=plan.seed, until_tick=plan.until_tick)
            return Verdict.FAIL in (rig.finish().verdict, expected.verdict)
        except (RigBroken, LinkError):
            if rig.target.crashed():
                return True
            raise


def _written(path: Path, wire: Wire) -> Path:
    path.write_text(wire_toml(wire))
    return path
