"""The verb `report`: reads its flags; tools/reporting does the rest."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option
from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench report out/latest -o report.html")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@out_option
@click.option("--against", metavar="TARGET", default="emulator", show_default=True, help="What to play each to.")
@wait_option
@force_option
@json_option
def command(files: tuple[Path, ...], out: Path, against: str, wait: str | None, force: bool, in_json: bool) -> int:
    """Write a page for a reviewer: verdicts, charts, ledger, coverage.

    One HTML file that needs no network, with JSON and JUnit beside it. Each capture is played to a target and its dose account
    added up; where it is exact it is run again, so that what no frame shows can be drawn: true reservoir and delivered dose. The
    charts take pip install 'pumpbench[report]'.

    Ends with the exit code of the worst verdict.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.reporting.report import report

    return report(files, out, against, force, in_json, settings.load().given("wait", wait))
