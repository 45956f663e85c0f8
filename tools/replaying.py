"""Replays one capture and prints what came of it; it must not compare anything itself."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.compare import Mask
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.replay.recorded import Recorded, load
from pumpbench.hil.replay.replay import NOT_COVERED, NOT_COVERED_BY_KIND, ReplayResult, replay_on
from pumpbench.hil.targets import open_target, served_here
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.summing_up import COLOURS, SERVED_HERE
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import TARGET_DEFAULT, choose_target
from pumpbench.tools.when import format_duration

SCHEMA: Final = "pumpbench.replay/1"
LINES_MAX: Final = 30


def replay_file(path: Path, against: str | None, masks: tuple[str, ...], in_json: bool, settings: Settings) -> int:
    """Findings to stdout, the verdict to stderr. Raises `Failed`, `TargetUnknown`, `RigBroken` or a `LinkError`."""
    if against is not None and against.startswith("--"):
        raise Failed(f"--against {against}: expected a target")
    target = choose_target(against, settings, TARGET_DEFAULT)
    allowed = tuple(parse_mask(text) for text in masks)
    recorded = _load(path)
    with open_target(target.name, access=target.access) as opened:
        try:
            result = replay_on(opened, recorded, allowed)
        except (RigBroken, LinkError) as problem:
            if crash := opened.crashed():
                raise Failed(
                    f"{target.name}: {crash} while {path} was played to it; {called()} decode shows what it was told", 1
                ) from problem
            raise opened.explained(problem) from None
    if in_json:
        click.echo(json.dumps(as_json(path, result)))
    else:
        for line in _findings(result):
            click.echo(line)
    for line in summed_up(path, result):
        click.echo(line, err=True)
    return result.verdict.exit_code


def parse_mask(text: str) -> Mask:
    """`Status.battery_mv:5:another cell`. Raises `Failed`."""
    name, _, rest = text.partition(":")
    bound, _, reason = rest.partition(":")
    message, _, field = name.partition(".")
    known = {one.name: {f.name for f in one.fields} | {f"header.{h}" for h in ("tick", "session")} for one in REGISTRY.layouts()}
    if not reason or (bound != "any" and not bound.isdecimal()):
        raise Failed(f"--mask {text!r}: expected MESSAGE.FIELD:BOUND:REASON, such as Status.battery_mv:5:'another cell'")
    if field not in known.get(message, set()):
        raise Failed(f"--mask {text!r}: no field {name}; protocol/SPEC.md lists them")
    return Mask(message, field, None if bound == "any" else int(bound), reason)


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
        "masked": dict(result.masked),
        "not_compared": dict(result.not_compared),
        "not_covered": list(NOT_COVERED),
        "gaps": [str(gap) for gap in result.gaps],
        "differences": [difference.replayed for difference in result.differences],
    }


def summed_up(path: Path, result: ReplayResult) -> Iterator[str]:
    """The verdict, what stands behind it, and what to type next."""
    yield f"{click.style(str(result.verdict).upper(), fg=COLOURS[result.verdict], bold=True)}  {result.reason}"
    span = f"{format_duration(result.ticks)} ({result.ticks:,} ticks)"
    if served_here(result.target):
        yield f"  usb         {SERVED_HERE}"
    yield f"  played      {result.requests:,} requests to {result.target}, {span}"
    what = f"{result.frames_compared:,} frames, {result.digests_compared:,} digests; sureness: {result.sureness}"
    yield f"  compared    {_who(result)}: {what}"
    yield from (f"  masked      {name} {count} times" for name, count in result.masked.items())
    listed = ", ".join(f"{name} ({count})" for name, count in result.not_compared.items())
    if listed:
        yield f"  not judged  {listed}: these name a device or its link"
    kinds = ", ".join(f"{kind} ({len(names)})" for kind, names in NOT_COVERED_BY_KIND.items())
    yield f"  not covered {kinds}; --json names them"
    yield f"  next        {_next(path, result)}"


def _next(path: Path, result: ReplayResult) -> str:
    file = shlex.quote(str(path))
    first = result.first_difference
    if first is not None:
        return f"{called()} step {file} --at {max(0, first.tick - 1)}t"
    if result.verdict is Verdict.PASS and not result.independent:
        return f"{called()} replay {file} --against emulator"
    if result.verdict is Verdict.PASS:
        return f"{called()} decode {file}"
    if result.gaps:
        return f"{called()} decode {file} --format ndjson"
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
