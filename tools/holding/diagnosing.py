"""Knows how the findings of a capture are told, each with its place and its cost; it must not look for them itself."""

import json
import shlex
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.hil.replay.survey import Survey
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.called import called
from pumpbench.tools.holding.opening import surveyed

SCHEMA: Final = "pumpbench.doctor-file/1"
LINES_MAX: Final = 50


def diagnose(path: Path, in_json: bool) -> int:
    """0 when nothing is wrong, 3 when something is. Raises `Failed` for a file that is no capture."""
    found = surveyed(path)
    if in_json:
        click.echo(json.dumps(as_json(path, found)))
    else:
        _print(path, found)
    return Verdict.INCONCLUSIVE.exit_code if found.finding_count else 0


def as_json(path: Path, found: Survey) -> dict[str, Any]:
    """`findings` has the first thousand; `finding_count` counts all."""
    return {
        "schema": SCHEMA,
        "capture": str(path),
        "sureness": found.sureness,
        "whole": found.whole,
        "lost_bytes": found.lost_bytes,
        "lost_records": found.lost_records,
        "finding_count": found.finding_count,
        "findings": [{"offset": one.offset, "what": one.what, "cost": one.cost} for one in found.findings],
    }


def _print(path: Path, found: Survey) -> None:
    for one in found.findings[:LINES_MAX]:
        click.echo(f"NO  byte {one.offset}: {one.what}")
        click.echo(f"      costs: {one.cost}")
    if found.finding_count > LINES_MAX:
        click.echo(f"... and {found.finding_count - LINES_MAX} more; --json lists {len(found.findings)}")
    if not found.finding_count:
        counts = f"{found.records.total():,} records, {found.frame_count:,} frames"
        click.echo(f"ok  {path}: {counts}, sealed, no gap; {found.sureness}")
        click.echo("all well", err=True)
        return
    click.echo(f"{found.finding_count} to know of; sureness: {found.sureness}", err=True)
    if not found.whole:
        name = path.name.removesuffix(".gz").removesuffix(".pcapng") + "-recovered.pcapng"
        click.echo(f"next: {called()} recover {shlex.quote(str(path))} -o {shlex.quote(name)}", err=True)
