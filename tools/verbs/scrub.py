"""The verb `scrub`: writes a capture without what names patient, device, place or date."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option


@click.command(epilog="Example: pumpbench scrub out/latest -o scrubbed.pcapng")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@click.option("--seed", type=int, metavar="N", help="Draw by this number, which then tells the way back. [default: by chance]")
@force_option
@json_option
def command(file: Path, out: Path, seed: int | None, force: bool, in_json: bool) -> int:
    """Write a capture without what names device, place or date.

    Serial numbers become others; times and dates are shifted by whole weeks; the scenario's text, the names of ports and benches
    and records of unknown kinds are emptied; noise becomes other noise. An exact capture is run again under its new identity, so
    that its digests fit, and a replay ends with the same verdict at the same tick. Program, doses and events stay: they are what
    the capture is for, and whoever knows a patient's therapy may know it again.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools.holding.scrubbing import scrub_file

    return scrub_file(file, out, seed, force, in_json)
