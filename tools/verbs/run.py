"""The verb `run`: reads its flags; tools/running does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench run default --target emulator --topology local --until 2d")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--target", help="emulator, native, qemu:<board>, serial:<URL>, usb:<vid>:<pid>, or of pumpbench.toml. [default: native]"
)
@click.option("--topology", help="local: emulator alone; twin: both whole pumps; controller: the plant is here. [default: twin]")
@click.option(
    "--rotor-follow/--no-rotor-follow", default=None, help="Of controller: do not stop at steps that surely turn. [default: on]"
)
@click.option("--speed", help="max, real, or how many pump seconds a second lasts. [default: max]")
@click.option("--until", metavar="SPAN", help="Stop early, at a time from the start such as 30d or 12h.")
@click.option("--seed", help="Of the credit lengths. [default: 1]")
@click.option("--capture", type=click.Path(path_type=Path), metavar="FILE", help="Where to record. [default: a new file in out/]")
@click.option("--wire", metavar="FILE|seed:N", help="Faults on the wire: a TOML file with [wire], or drawn from a seed.")
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
@click.option("--force", is_flag=True, help="Replace recordings of the same name.")
def command(
    scenarios: tuple[str, ...],
    target: str | None,
    topology: str | None,
    speed: str | None,
    until: str | None,
    seed: str | None,
    capture: Path | None,
    rotor_follow: bool | None,
    wire: str | None,
    wait: str | None,
    in_json: bool,
    force: bool,
) -> int:
    """Run scenarios on a target and give a verdict.

    SCENARIO is a file, a shipped name or a pattern of names in quotes; without one, the default runs: 90 days of therapy.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.running.plan import Flags, plan_of
    from pumpbench.tools.running.session import run_all

    flags = Flags(scenarios, target, topology, speed, until, seed, capture, force, wire, rotor_follow)
    return run_all(plan_of(flags, settings.load().given("wait", wait)), in_json)
