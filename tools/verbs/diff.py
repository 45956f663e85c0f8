"""The verb `diff`: reads its flags; tools/diffing does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench diff out/latest emulator")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b")
@click.option("--until", metavar="TIME", help="Compare up to TIME: what comes after it is not looked at.")
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(a: Path, b: str, until: str | None, wait: str | None, in_json: bool) -> int:
    """Name the first frame and field in which two captures differ, at which tick, and what follows.

    A is a capture; B is another, or a target that is told what A tells. Differences that follow from an earlier one are
    counted under it. The very tick is named where both sides can be run again, else the two ticks it lies between. Ends with
    0 when they are the same, 1 when they differ, 3 when gaps leave it open or one goes on where the other ends.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.diffing import diff_files

    return diff_files(a, b, in_json, until, settings.load().given("wait", wait))
