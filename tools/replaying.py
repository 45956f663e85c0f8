"""Replays one capture and prints what came of it; it must not compare anything itself."""

import json
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.replay import NOT_COVERED, NOT_COVERED_BY_KIND, ReplayResult, replay_on
from pumpbench.hil.replay.steering import AtRecordedTimes, Steer, steered, until
from pumpbench.hil.rig.budget import budget_of
from pumpbench.hil.targets import Target, open_target, served_here, served_how
from pumpbench.hil.verdict import Verdict, combined
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed
from pumpbench.tools.replay_hand import Hand
from pumpbench.tools.replay_masks import parse_masks
from pumpbench.tools.running.plan import parse_span
from pumpbench.tools.running.summing_up import COLOURS
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import TARGET_DEFAULT, Choice, choose_target
from pumpbench.tools.when import format_duration

MAX: Final = "max"
RECORDED: Final = "recorded"
SCHEMA: Final = "pumpbench.replay/1"
LINES_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Flags:
    """As given, unread; None where nothing was."""

    path: Path
    against: str | None = None
    masks: tuple[str, ...] = ()
    speed: str = MAX
    times: int = 1
    from_time: str | None = None
    until_time: str | None = None
    pause: str | None = None
    in_json: bool = False


def replay_file(flags: Flags, settings: Settings) -> int:
    """Findings to stdout, the verdict to stderr. Raises `Failed`, `TargetUnknown`, `RigBroken` or a `LinkError`."""
    if flags.against is not None and flags.against.startswith("--"):
        raise Failed(f"--against {flags.against}: expected a target")
    target = choose_target(flags.against, settings, TARGET_DEFAULT)
    parse_masks(flags.masks)
    recorded = _load(flags.path)
    results: list[ReplayResult] = []
    with open_target(target.name, access=target.access) as opened:
        for _ in range(flags.times):
            results.append(_once(flags, opened, recorded, target))
            if not flags.in_json:
                for line in _findings(results[-1]):
                    click.echo(line)
    verdict = combined(result.verdict for result in results)
    worst = next(result for result in results if result.verdict is verdict)
    if flags.in_json:
        told = {"times": len(results), "verdicts": [str(result.verdict) for result in results]}
        click.echo(json.dumps(as_json(flags.path, worst) | told))
    for line in summed_up(flags.path, worst):
        click.echo(line, err=True)
    if len(results) > 1:
        counts = Counter(str(result.verdict) for result in results)
        click.echo(f"  times       {', '.join(f'{count} {word}' for word, count in counts.items())}", err=True)
    return verdict.exit_code


def _once(flags: Flags, opened: Target, recorded: Recorded, target: Choice) -> ReplayResult:
    from_tick, steers = _steers(flags)
    budget = budget_of(target.name, target.access.budget)
    masks = parse_masks(flags.masks)
    away = opened.link.reconnected_count
    try:
        result = replay_on(opened, recorded, masks, steer=steered(steers), from_tick=from_tick, budget=budget)
        if result.verdict is Verdict.FAIL and opened.link.reconnected_count > away:
            what = f"it went away in mid-replay and came back, so it may have started anew ({result.reason})"
            raise RigBroken(target.name, what, "see what reset it or took its power, then replay again")
        return result
    except (RigBroken, LinkError) as problem:
        if crash := opened.crashed():
            what = f"{crash} while {flags.path} was played to it; {called()} decode shows what it was told"
            raise Failed(f"{target.name}: {what}", 1) from problem
        raise opened.explained(problem) from None


def _steers(flags: Flags) -> tuple[int, list[Steer]]:
    """From which tick to compare, and what holds or ends the replay."""
    steers: list[Steer] = []
    from_tick = 0 if flags.from_time is None else parse_span(flags.from_time, "--from", 0)
    if flags.until_time is not None:
        until_tick = parse_span(flags.until_time, "--until")
        if until_tick < from_tick:
            raise Failed(f"--from {flags.from_time} is after --until {flags.until_time}: nothing would be compared; swap them")
        steers.append(until(until_tick))
    if flags.pause is not None:
        steers.append(Hand(parse_span(flags.pause, "--pause", 0)))
    if flags.speed == RECORDED:
        steers.append(AtRecordedTimes())
    return from_tick, steers


def as_json(path: Path, result: ReplayResult) -> dict[str, Any]:
    """Counts are numbers; `differences` and `gaps` are lines for people."""
    return {
        "schema": SCHEMA,
        "capture": str(path),
        "target": result.target,
        "verdict": str(result.verdict),
        "reason": result.reason,
        "sureness": result.sureness,
        "ticks": result.ticks,
        "requests": result.requests,
        "frames": result.frames_compared,
        "digests": result.digests_compared,
        "independent": result.independent,
        "same_build": result.same_build,
        "missing": result.missing,
        "extra": result.extra,
        "late": result.late,
        "requests_left": result.requests_left,
        "masked": dict(result.masked),
        "not_compared": dict(result.not_compared),
        "not_covered": list(NOT_COVERED),
        "gaps": [str(gap) for gap in result.gaps],
        "differences": [difference.replayed for difference in result.differences],
    }


def summed_up(path: Path, result: ReplayResult) -> Iterator[str]:
    """The verdict, what stands behind it, and what to type next."""
    masked = sum(result.masked.values())
    but = f"; {masked} differences masked" if masked else ""
    yield f"{click.style(str(result.verdict).upper(), fg=COLOURS[result.verdict], bold=True)}  {result.reason}{but}"
    span = f"{format_duration(result.ticks)} ({result.ticks:,} ticks)"
    if served_here(result.target):
        yield f"  usb         {served_how(result.target)} took part"
    left = f", {result.requests_left:,} left" if result.requests_left else ""
    yield f"  played      {result.requests:,} requests to {result.target}, {span}{left}"
    what = f"{result.frames_compared:,} frames, {result.digests_compared:,} digests; sureness: {result.sureness}"
    yield f"  compared    {_who(result)}: {what}"
    if alone := [f"{count} {word}" for word, count in _alone(result).items() if count]:
        yield f"  unasked     {', '.join(alone)}"
    yield from (f"  masked      {name} {count} times" for name, count in result.masked.items())
    listed = ", ".join(f"{name} ({count})" for name, count in result.not_compared.items())
    if listed:
        yield f"  not judged  {listed}: these name a device or its link"
    kinds = ", ".join(f"{kind} ({len(names)})" for kind, names in NOT_COVERED_BY_KIND.items())
    yield f"  not covered {kinds}; --json names them"
    yield f"  next        {_next(path, result)}"


def _alone(result: ReplayResult) -> dict[str, int]:
    """Frames without a counterpart in their place."""
    return {"missing": result.missing, "extra": result.extra, "late": result.late}


def _next(path: Path, result: ReplayResult) -> str:
    file = shlex.quote(str(path))
    first = result.first_difference
    if first is not None and not result.independent:
        # Both are the firmware: only the reference tells which of the two is wrong.
        return f"{called()} {f'diff {file}' if result.sureness == 'exact' else f'replay {file} --against'} emulator"
    if first is not None:
        return f"{called()} step {file} --at {max(0, first.tick - 1)}t"
    if result.verdict is Verdict.PASS and not result.independent:
        return f"{called()} replay {file} --against emulator"
    if result.verdict is Verdict.PASS:
        return f"{called()} decode {file}"
    if result.gaps:
        return f"{called()} doctor {file}"
    if not result.frames_compared:
        return f"{called()} info {file}"
    return f"{called()} run --target native, which records the firmware"


def _who(result: ReplayResult) -> str:
    if result.independent:
        return "two implementations"
    return "one build with itself" if result.same_build else "one implementation"


def _findings(result: ReplayResult) -> Iterator[str]:
    differing = tuple(difference.replayed for difference in result.differences)
    for title, lines in (("gaps", result.gaps), ("differences of the first frame that differs", differing)):
        if lines:
            yield title
            yield from (f"  {line}" for line in lines[:LINES_MAX])
            if len(lines) > LINES_MAX:
                yield f"  ... and {len(lines) - LINES_MAX} more"


def _load(path: Path) -> Recorded:
    try:
        recorded = load(path)
    except CaptureError as problem:
        raise Failed(str(problem)) from problem
    if recorded.header is None and not recorded.requests:
        what = str(recorded.gaps[0]) if recorded.gaps else "it is empty"
        raise Failed(f"{path}: no capture of this bench ({what}); give one, such as out/latest")
    return recorded
