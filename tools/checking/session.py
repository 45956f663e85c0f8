"""Runs the conformance suite on one target and has its results told; it must not judge anything itself."""

import json
import os
import shlex
from pathlib import Path
from typing import NamedTuple

import click

from pumpbench.hil.conformance import Check, Conformance, Result, all_checks, judged, select
from pumpbench.hil.spelling import nearest
from pumpbench.hil.targets import open_target
from pumpbench.hil.verdict import EXIT_INTERRUPTED, Verdict
from pumpbench.protocol.codes import Level
from pumpbench.tools.called import called
from pumpbench.tools.checking import text
from pumpbench.tools.checking.as_json import as_json, checks_as_json
from pumpbench.tools.checking.junit import write_junit
from pumpbench.tools.failure import Failed
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import TARGET_DEFAULT, Choice, choose_target
from pumpbench.tools.wall_time import parse_wait


class Flags(NamedTuple):
    """As given, unread."""

    target: str | None
    level: str | None
    only: tuple[str, ...]
    listing: bool
    seed: str | None
    patience: str | None
    capture: Path | None
    junit: Path | None
    in_json: bool


def check_target(flags: Flags, settings: Settings) -> int:
    """Results to stdout, the verdict to stderr. Raises `Failed`, `TargetUnknown`, a `CaptureError` or `RigBroken`."""
    checks = _selected(flags.only)
    if flags.listing:
        click.echo(json.dumps(checks_as_json(checks)) if flags.in_json else "\n".join(text.listed(checks)))
        return 0
    if flags.junit is not None and not flags.junit.parent.is_dir():
        raise Failed(f"--junit {flags.junit}: no folder {flags.junit.parent}; make it, or name another")
    if flags.junit is not None and (flags.junit.is_dir() or not os.access(_place(flags.junit), os.W_OK)):
        raise Failed(f"--junit {flags.junit}: cannot be written; name a file that you may write")
    chosen = choose_target(flags.target, settings, TARGET_DEFAULT)
    if chosen.name.startswith("capture:"):
        remedy = f"{called()} replay {chosen.name.partition(':')[2]} holds it against a target"
        raise Failed(f"{chosen.name}: checks ask what no recording was asked; {remedy}")
    level = None if flags.level is None else Level.value_of(flags.level)
    seed = _seed(*settings.choose("seed", flags.seed, "1"))
    patience_s = parse_wait(flags.patience or "60s", "--patience")
    with open_target(chosen.name, access=chosen.access) as target:
        suite = Conformance(target, level=level, seed=seed, patience_s=patience_s, capture=flags.capture)
        results, interrupted = _run(suite, checks, flags.in_json)
    return _told(flags, chosen, suite, results, seed, interrupted)


def _place(file: Path) -> Path:
    """What has to be writable."""
    return file if file.exists() else file.parent


def _run(suite: Conformance, checks: tuple[Check, ...], quiet: bool) -> tuple[list[Result], bool]:
    """Every result, each group told when it is complete; an interruption keeps what there is."""
    results: list[Result] = []
    groups = text.Groups(checks)
    running = suite.run(checks)
    try:
        for result in running:
            results.append(result)
            lines = groups.take(result)
            if not quiet:
                for line in lines:
                    click.echo(line)
    except KeyboardInterrupt:
        # What was not run is part of the result: without it a build server would read that all passed.
        left = checks[len(results) :]
        return results + [Result(one, Verdict.INCONCLUSIVE, "not run: interrupted") for one in left], True
    finally:
        running.close()
    return results, False


def _told(flags: Flags, chosen: Choice, suite: Conformance, results: list[Result], seed: int, interrupted: bool) -> int:
    if flags.in_json:
        click.echo(json.dumps(as_json(chosen.name, suite, results, seed)))
    if flags.junit is not None:
        write_junit(flags.junit, chosen.name, results)
    for line in text.summed_up(suite, results, _next_command(flags, chosen, results), flags.capture, interrupted):
        click.echo(line, err=True)
    return EXIT_INTERRUPTED if interrupted else judged(results)[0].exit_code


def _selected(globs: tuple[str, ...]) -> tuple[Check, ...]:
    checks = select(*globs)
    if not checks:
        known = [one.id for one in all_checks()]
        raise Failed(f"--only {' '.join(globs)}: nothing matched; {nearest(globs[0], known)}; {called()} check --list shows all")
    return checks


def _seed(value: str, place: str) -> int:
    if not value.isdecimal():
        raise Failed(f"{place} {value!r}: expected a whole number of 0 or more")
    return int(value)


def _next_command(flags: Flags, chosen: Choice, results: list[Result]) -> str:
    """What to type now."""
    verdict, _ = judged(results)
    target = shlex.quote(flags.target or chosen.name)
    first = next((one for one in results if one.verdict is verdict), None)
    match str(verdict):
        case "pass":
            return f"{called()} run --target {target}"
        case "error":
            return f"{called()} doctor {target}"
    if first is None:
        return f"{called()} check --list"
    seed = f" --seed {flags.seed}" if flags.seed else ""
    return f"{called()} check --target {target} --only {first.check.id}{seed} --capture check.pcapng"
