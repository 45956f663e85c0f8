"""The verb `replay`: reads its flags; tools/replaying does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option

MASK_HELP = "Let field F of message M differ by at most BOUND ('any': by anything), saying why; each use is counted."


@click.command(epilog="Example: pumpbench replay out/latest --against emulator")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--against", metavar="TARGET", help="What to play it to, named as for run. [default: native]")
@click.option("--mask", "masks", multiple=True, metavar="M.F:BOUND:WHY", help=MASK_HELP)
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(file: Path, against: str | None, masks: tuple[str, ...], wait: str | None, in_json: bool) -> int:
    """Play a capture again against a target and give a verdict.

    The file alone re-runs: it holds configuration, start and every input. What the target answers is compared with what was
    recorded, field by field.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.replaying import replay_file

    return replay_file(file, against, masks, in_json, settings.load().given("wait", wait))
