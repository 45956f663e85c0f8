"""The verb `info`: tells what a capture is."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import json_option


@click.command(epilog="Example: pumpbench info out/latest")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, in_json: bool) -> int:
    """Tell what a capture is: sureness, span, builds, counts.

    Sureness is exact (it opens with a snapshot), anchored (program, status and log were read first) or observed (frames only).
    Ends with 3 when the capture is not whole or has gaps, which doctor FILE then names.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools.holding.info import show

    return show(file, in_json)
