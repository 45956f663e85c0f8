"""Knows what `scrub` prints and with which exit code it ends; what has to go is known elsewhere."""

import dataclasses
import json
import random
import shlex
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.scrubbing import scrub
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.called import called
from pumpbench.tools.holding.opening import look

SCHEMA: Final = "pumpbench.scrub/1"


def scrub_file(path: Path, out: Path, seed: int | None, force: bool, in_json: bool) -> int:
    """0, or 3 where the source is not whole or a number was found again. Raises `Failed`, `CaptureExists` or `CaptureError`."""
    look(path)
    made = scrub(path, out, force, None if seed is None else random.Random(seed))
    if in_json:
        click.echo(json.dumps({"schema": SCHEMA, "capture": str(path), "out": str(out), **dataclasses.asdict(made)}))
    frames = f"{made.remade:,} frames of the device made anew under the other identity, {made.recorded:,} as recorded"
    click.echo(f"{made.records:,} records written to {out}: {frames}", err=True)
    if made.noise or made.taken_out:
        click.echo(f"{made.noise:,} times noise was replaced by other noise; {made.taken_out:,} records were emptied", err=True)
    for offset in made.residues:
        click.echo(
            f"pumpbench: {out}: byte {offset}: four bytes there are those of an original number; look whether by chance", err=True
        )
    if not made.whole:
        click.echo(f"{path} is not whole; next: {called()} doctor {shlex.quote(str(path))}", err=True)
    click.echo(f"next: {called()} info {shlex.quote(str(out))}", err=True)
    return Verdict.INCONCLUSIVE.exit_code if made.residues or not made.whole else 0
