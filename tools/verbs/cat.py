"""The verb `cat`: joins captures that continue each other."""

import shlex
from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option

SCHEMA = "pumpbench.cat/1"


@click.command(epilog="Example: pumpbench cat out/latest -o joined.pcapng")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@out_option
@force_option
@json_option
def command(files: tuple[Path, ...], out: Path, force: bool, in_json: bool) -> int:
    """Join captures of which each continues the one before it.

    It shows by the device's frames, whose numbers go on without a gap within one boot, by the times, and by headers of one
    session. Anything else is refused: a joined capture must not hide that something is missing between its parts.
    """
    # Late: help must not wait for the codec.
    import json

    from pumpbench.hil.capture.errors import CaptureError, CaptureExists
    from pumpbench.hil.replay.joining import NotContinued, join
    from pumpbench.tools.called import called
    from pumpbench.tools.failure import Failed
    from pumpbench.tools.holding.opening import look

    for file in files:
        look(file)
    try:
        count = join(files, out, force)
    except CaptureExists:
        raise
    except (NotContinued, CaptureError) as problem:
        raise Failed(str(problem), 2 if isinstance(problem, NotContinued) else 4) from problem
    if in_json:
        click.echo(json.dumps({"schema": SCHEMA, "captures": [str(file) for file in files], "out": str(out), "records": count}))
    click.echo(f"{count:,} records of {len(files)} captures written to {out}", err=True)
    click.echo(f"next: {called()} info {shlex.quote(str(out))}", err=True)
    return 0
