"""The verb `explain`: reads its flags; tools/explaining does the rest."""

from pathlib import Path

import click


@click.command(epilog="Example: pumpbench explain out/latest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--alarm", "which", metavar="N", help="Which alarm, by its number in the list, or all of one name. [default: 1]")
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")
def command(file: Path, which: str | None, in_json: bool) -> int:
    """Say why an alarm sounded, and what would have prevented it.

    Lists every alarm of a capture, then explains one: what its guard read, against which threshold, what had to last, who
    silenced it, why it ended or is still on. An exact capture is run again with one value changed, until the alarm stays silent
    to the end of the recording or the next time it sounds: the nearest such value is told, or that none in range is one.
    Ends with 3 where the recording does not allow it, or shows that the pump did otherwise than that run: ask `replay` or `diff`.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools.explaining import explain_file

    return explain_file(file, which, in_json)
