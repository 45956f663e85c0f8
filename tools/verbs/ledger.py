"""The verb `ledger`: reads its flags; tools/ledgering does the rest."""

from pathlib import Path

import click


@click.command(epilog="Example: pumpbench ledger out/latest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(file: Path, in_json: bool) -> int:
    """Add up the dose account of a capture, and give a verdict.

    Commanded = delivered by steps + pending + cancelled, in q (1 nl = 864 000 q). The device's own account comes from its frames
    and digests; where an exact capture can be run again, what really left the plant stands beside it. A dose that came twice or
    went missing fails, with the frames between which it did; a recording with gaps is inconclusive, and so is one whose plant is
    not that of the re-run.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools.ledgering import ledger_file

    return ledger_file(file, in_json)
