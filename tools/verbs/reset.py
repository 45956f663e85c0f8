"""The verb `reset`: reads its flags; tools/boarding does the rest."""

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench reset bench1 --dry-run")
@click.argument("target")
@click.option("--power", is_flag=True, help="By its power_off and power_on instead of its tool.")
@click.option("--dry-run", is_flag=True, help="Print the commands and do nothing.")
@wait_option
def command(target: str, power: bool, dry_run: bool, wait: str | None) -> None:
    """Reset a board, by the tool that flashes it or by its power.

    TARGET is a name from pumpbench.toml.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools import settings
    from pumpbench.tools.boarding import reset

    reset(target, power, dry_run, settings.load().given("wait", wait))
