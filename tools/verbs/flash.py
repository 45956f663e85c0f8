"""The verb `flash`: reads its flags; tools/boarding does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench flash bench1 --dry-run")
@click.argument("target")
@click.option("--image", type=click.Path(path_type=Path), metavar="FILE", help="Another image than the board's own.")
@click.option("--dry-run", is_flag=True, help="Print the command and do nothing.")
@wait_option
def command(target: str, image: Path | None, dry_run: bool, wait: str | None) -> None:
    """Put an image on a board by pyOCD, OpenOCD, st-flash or UF2.

    TARGET is a name from pumpbench.toml: its board, and where given its flasher, image and USB serial number, decide the command.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools import settings
    from pumpbench.tools.boarding import flash

    flash(target, image, dry_run, settings.load().given("wait", wait))
