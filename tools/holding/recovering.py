"""Knows what `recover` prints and with which exit code it ends; what can be read it is told."""

import json
import shlex
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.capture.errors import CaptureError, CaptureExists
from pumpbench.hil.capture.recover import recover
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed
from pumpbench.tools.holding.opening import refuse_no_file

SCHEMA: Final = "pumpbench.recover/1"
LINES_MAX: Final = 30


def recover_file(path: Path, out: Path, force: bool, in_json: bool) -> int:
    """0 where the source was whole, else 3. Raises `Failed`, `CaptureExists` or `CaptureError`."""
    refuse_no_file(path, "give a capture that is damaged")
    try:
        made = recover(path, out, force)
    except CaptureExists:
        raise
    except CaptureError as problem:
        raise Failed(str(problem), Verdict.INCONCLUSIVE.exit_code if problem.path == str(path) else 4) from problem
    if in_json:
        lost = [one._asdict() for one in made.lost]
        told = {"records": made.records, "lost_bytes": made.lost_bytes, "lost_records": made.lost_records, "whole": made.whole}
        click.echo(json.dumps({"schema": SCHEMA, "capture": str(path), "out": str(out), **told, "lost": lost}))
    for one in made.lost[:LINES_MAX]:
        click.echo(f"lost: {one}, {one.size_bytes} bytes", err=True)
    if len(made.lost) > LINES_MAX:
        click.echo(f"... and {len(made.lost) - LINES_MAX} more", err=True)
    what = "nothing was lost" if made.whole else f"{made.lost_bytes:,} bytes lost, at least {made.lost_records:,} records"
    click.echo(f"{made.records:,} records recovered to {out}; {what}", err=True)
    click.echo(f"next: {called()} info {shlex.quote(str(out))}", err=True)
    return 0 if made.whole else Verdict.INCONCLUSIVE.exit_code
