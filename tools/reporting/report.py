"""Makes a report of captures: page, JSON and JUnit side by side; how each looks and what it says is told elsewhere."""

import json
import shlex
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.capture.part import Part
from pumpbench.hil.verdict import combined
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed
from pumpbench.tools.reporting.as_data import as_json, junit
from pumpbench.tools.reporting.charts import charts_of
from pumpbench.tools.reporting.gathered import Gathered, gather
from pumpbench.tools.reporting.page import page
from pumpbench.tools.requirements import requirements
from pumpbench.tools.running.summing_up import COLOURS
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import choose_target

CURE: Final = "pip install 'pumpbench[report]'"


def report(paths: tuple[Path, ...], out: Path, against: str, force: bool, in_json: bool, settings: Settings) -> int:
    """The exit code of the worst verdict. Raises `Failed`, `CaptureExists` or `CaptureError`, before it writes anything."""
    library = _library()
    places = [out, out.with_suffix(".json"), out.with_suffix(".xml")]
    if len(set(places)) < len(places):
        raise Failed(f"{out}: JSON and JUnit are written beside it as .json and .xml; name the page .html")
    parts = [Part(place, force, paths) for place in places]
    target = choose_target(against, settings, against)
    files = [gather(path, target) for path in paths]
    charts = [charts_of(one, number) for number, one in enumerate(files, 1)]
    listed, verdict = requirements(), combined(one.verdict for one in files)
    told = json.dumps(as_json(out, files, charts, listed, verdict))
    _write(parts, [page(files, charts, listed, verdict, library).encode(errors="backslashreplace"), told.encode(), junit(files)])
    if in_json:
        click.echo(told)
    else:
        for place in places:
            click.echo(place)
    for one in files:
        _sum_up(one)
    return verdict.exit_code


def _library() -> str:
    """The source of plotly, as its package has it."""
    try:
        from plotly.offline import get_plotlyjs
    except ModuleNotFoundError as problem:
        raise Failed(f"the charts take plotly, which is not installed: {CURE}") from problem
    found: str = get_plotlyjs()
    return found


def _write(parts: list[Part], contents: list[bytes]) -> None:
    try:
        for part, content in zip(parts, contents, strict=True):
            part.create()
            try:
                part.path.write_bytes(content)
            except OSError as problem:
                raise part.unwritable(problem) from problem
        for part in parts:
            part.finish()
    finally:
        for part in parts:
            part.drop()


def _sum_up(one: Gathered) -> None:
    click.echo(f"{click.style(str(one.verdict).upper(), fg=COLOURS[one.verdict], bold=True)}  {one.path}", err=True)
    for name, (verdict, reason) in one.verdicts.items():
        click.echo(f"  {name:<11} {verdict}: {reason}", err=True)
    click.echo(f"  next        {called()} explain {shlex.quote(str(one.path))}", err=True)
