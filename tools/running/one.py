"""Runs one scenario on one rig and gives what came of it, whatever goes wrong; it prints nothing."""

import contextlib
import datetime
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pumpbench.hil.capture import CaptureExists, capture_path, mend_latest, point_latest
from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.errors import FirmwareHangs, RigBroken
from pumpbench.hil.firmware import FirmwareMissing
from pumpbench.hil.links import LinkError, NotOnRecord
from pumpbench.hil.pace import paced
from pumpbench.hil.rig import About, BaseRig, Rig, open_rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.tools.running.event_log import event_log_path, write_event_log
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.running.plan import Plan
from pumpbench.tools.when import Calendar

STAND_IN = "emulator"
Watch = Callable[[Rig], Callable[[], None]]
"""Given a rig, what to call after each of its credits."""


def run_one(plan: Plan, scenario: Scenario, watch: Watch) -> Outcome:
    """Raises `CaptureExists`, or `KeyboardInterrupt` before the rig is open; everything else becomes part of the outcome."""
    start_s = time.monotonic()
    wire = plan.wire or scenario.wire
    blank = Outcome(scenario, plan.target.name, plan.topology, plan.seed, 0.0, 0, wire=wire, rotor_follow=plan.rotor_follow)
    try:
        rig, fallback = _open(plan, scenario)
    except (RigBroken, LinkError, CaptureError) as problem:
        if isinstance(problem, CaptureExists):
            raise
        return replace(blank, problem=str(problem), wall_s=time.monotonic() - start_s)
    with rig:
        if rig.recording is not None and _is_in(plan.out, rig.recording.path):
            # Before the first tick: a run that is killed leaves no `latest` that points at an older one.
            with contextlib.suppress(CaptureError):
                point_latest(rig.recording.path)
        outcome = _played(plan, scenario, rig, watch, replace(blank, target=rig.target.name, fallback=fallback))
    return _recorded(replace(outcome, wall_s=time.monotonic() - start_s), rig, plan.out)


def _open(plan: Plan, scenario: Scenario) -> tuple[BaseRig, str]:
    """The rig, and why it stands in for the one that was meant."""
    try:
        return _rig(plan, scenario, plan.target.name), ""
    except FirmwareMissing as problem:
        if plan.target.chosen or plan.topology == "local":
            raise
        return _rig(plan, scenario, STAND_IN), str(problem)


def _rig(plan: Plan, scenario: Scenario, target: str) -> BaseRig:
    about = About(scenario=scenario.text, seed=plan.seed)
    path = plan.capture or _free_path(plan.out, scenario, target)
    log = event_log_path(path)
    if (log.exists() or log.is_symlink()) and not plan.force:
        # Before the run, not after it: nothing is lost and nothing is written half.
        raise CaptureExists(log, "exists", "choose another name for the capture, or --force to replace both")
    wire = plan.wire or scenario.wire
    return open_rig(
        target,
        plan.topology,
        seed=plan.seed,
        capture=path,
        about=about,
        force=plan.force,
        access=plan.target.access,
        wire=wire,
        rotor_follow=plan.rotor_follow,
    )


def _free_path(folder: Path, scenario: Scenario, target: str) -> Path:
    """A name by scenario, target and second; a second run in that second gets a number."""
    stem = Path(scenario.source).name.removesuffix(".toml")
    named = path = capture_path(folder, stem, target, datetime.datetime.now(datetime.UTC))
    count = 1
    while path.exists():
        count += 1
        path = named.with_name(f"{named.stem}-{count}{named.suffix}")
    return path


def _played(plan: Plan, scenario: Scenario, rig: BaseRig, watch: Watch, blank: Outcome) -> Outcome:
    try:
        result = run_scenario(scenario, paced(rig, plan.speed), seed=plan.seed, until_tick=plan.until_tick, progress=watch(rig))
        found = rig.finish()
        return replace(blank, ticks=found.ticks, rig=found, result=result, pump=rig.truth())
    except NotOnRecord as gap:
        return replace(blank, ticks=rig.tick, not_on_record=str(gap))
    except (RigBroken, LinkError, CaptureError) as problem:
        told = rig.target.explained(problem)
        return replace(
            blank, ticks=rig.tick, problem=str(told), hangs=isinstance(told, FirmwareHangs), crash=rig.target.crashed()
        )
    except KeyboardInterrupt:
        if rig.recording is not None:
            rig.recording.end("interrupted")
        return replace(blank, ticks=rig.tick, interrupted=True)


def _is_in(folder: Path, path: Path) -> bool:
    return path.parent.resolve() == folder.resolve()


def _recorded(outcome: Outcome, rig: BaseRig, out: Path) -> Outcome:
    """Says where the recording lies, and writes the event log beside it; one that never began has left no file."""
    capture = rig.recording.path if rig.recording is not None else None
    if capture is None or not capture.exists():
        with contextlib.suppress(CaptureError, OSError):
            mend_latest(out)
        return outcome
    calendar = Calendar.of(outcome.scenario.start)
    log = write_event_log(event_log_path(capture), rig.events, calendar)
    return replace(outcome, capture=capture, event_log=log, events=tuple(rig.events))
