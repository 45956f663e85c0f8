"""The verb `check`: reads its flags; tools/checking does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option

LEVELS = ["L0", "L1", "L2", "L3"]


@click.command(epilog="Example: pumpbench check --target emulator --only 'session.*'")
@click.option("--target", help="emulator, native, qemu:<board>, serial:<URL>, or a name from pumpbench.toml. [default: native]")
@click.option("--level", type=click.Choice(LEVELS, case_sensitive=False), help="At most this level. [default: what it claims]")
@click.option("--only", multiple=True, metavar="GLOB", help="Only checks whose id matches, such as 'alarm.*'; may be repeated.")
@click.option("--list", "listing", is_flag=True, help="List the checks and run none.")
@click.option("--seed", help="Of what the checks draw. [default: 1]")
@click.option("--patience", metavar="TIME", help="Leave out a check whose ticks take longer. [default: 60s]")
@click.option("--capture", type=click.Path(path_type=Path), metavar="FILE", help="Record all that passes in a new file.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Also write the results as JUnit XML.")
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(
    target: str | None,
    level: str | None,
    only: tuple[str, ...],
    listing: bool,
    seed: str | None,
    patience: str | None,
    capture: Path | None,
    junit: Path | None,
    wait: str | None,
    in_json: bool,
) -> int:
    """Check whether firmware conforms, fact by fact, and give a verdict.

    Each check states one fact of protocol/SPEC.md or firmware_emu/SEMANTICS.md and provokes it on the target, at the level that
    the target claims: l0 in free run, without a bench; l1 in credits; l2 with digests; l3 with snapshots, faults and power cuts.
    The target is armed and left in its start state: nothing that was in it is kept.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.checking.session import Flags, check_target

    flags = Flags(target, level, only, listing, seed, patience, capture, junit, in_json)
    return check_target(flags, settings.load().given("wait", wait))
