"""The verb `convert`: writes the frames of a capture as a table or a log that other programs read."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option

MESSAGE_HELP = "Only the frames of this message, header and fields as plain columns; the fastest way through a long capture."


@click.command(epilog="Example: pumpbench convert out/latest -o latest.csv")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@click.option(
    "--format", "form", type=click.Choice(["parquet", "arrow", "csv", "ndjson", "mcap"]), help="[default: by FILE's ending]"
)
@click.option("--message", metavar="NAME", help=MESSAGE_HELP)
@force_option
@json_option
def command(file: Path, out: Path, form: str | None, message: str | None, force: bool, in_json: bool) -> int:
    """Write a capture as Parquet, Arrow, CSV, NDJSON or MCAP.

    FILE may also be bytes as they passed on a wire. Every frame is a row, bad ones too: Parquet and Arrow have a struct for each
    message, CSV a column for each field. MCAP has a topic for each message and direction, with JSON schemas, as Foxglove reads
    them. Parquet, Arrow and MCAP take pip install 'pumpbench[convert]'.

    Ends with 3 when something in the file could not be read as a frame.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools.converting.convert import convert

    return convert(file, out, form, message, force, in_json)
