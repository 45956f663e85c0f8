"""The verb `replay`: reads its flags; tools/replaying does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option

MASK_HELP = (
    "Let field F of message M differ by at most BOUND ('any': by anything), saying why; or a TOML file of [[mask]] tables with "
    "field, bound and reason. Each use is counted."
)


@click.command(epilog="Example: pumpbench replay out/latest --against emulator")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--against", metavar="TARGET", help="What to play it to, named as for run. [default: native]")
@click.option("--mask", "masks", multiple=True, metavar="M.F:BOUND:WHY", help=MASK_HELP)
@click.option(
    "--speed", type=click.Choice(["max", "recorded"]), default="max",
    help="recorded: send each request as long after the first as it was recorded. [default: max]",
)  # fmt: skip
@click.option("--times", type=click.IntRange(min=1), default=1, help="How often to play it. [default: 1]")
@click.option("--from", "from_time", metavar="TIME", help="Compare nothing before TIME, such as 2d or 36000t.")
@click.option("--until", "until_time", metavar="TIME", help="End before what belongs after TIME.")
@click.option("--step", is_flag=True, help="Ask before each request; stdin says next, until, continue or quit.")
@click.option("--pause", metavar="TIME", help="The same from TIME on.")
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(
    file: Path, against: str | None, masks: tuple[str, ...], speed: str, times: int, from_time: str | None,
    until_time: str | None, step: bool, pause: str | None, wait: str | None, in_json: bool,
) -> int:  # fmt: skip
    """Play a capture again against a target and give a verdict.

    The file alone re-runs: it holds configuration, start and every input. What the target answers is compared with what was
    recorded, field by field. A session that no snapshot opens is begun with the program, status and log that were read first;
    then only what these settle is judged.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.replaying import Flags, replay_file

    if step and pause is None:
        pause = "0t"
    flags = Flags(file, against, masks, speed, times, from_time, until_time, pause, in_json)
    return replay_file(flags, settings.load().given("wait", wait))
