"""The verb `recover`: writes what can be read of a damaged capture."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option


@click.command(epilog="Example: pumpbench recover out/latest -o recovered.pcapng")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@force_option
@json_option
def command(file: Path, out: Path, force: bool, in_json: bool) -> int:
    """Write what can still be read of a damaged capture to a new one.

    Every record that stands whole is kept, behind damage too. What is missing is marked in its place, so that no verdict on the
    new file takes it for whole. Ends with 0 when the capture was whole, with 3 when anything was lost or nothing vouches for it.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools.holding.recovering import recover_file

    return recover_file(file, out, force, in_json)
