"""The verb `import`: makes a capture of bytes that others recorded."""

import shlex
from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option

SCHEMA = "pumpbench.import/1"
PATH = click.Path(path_type=Path)
FORM_HELP = "How they are spelled. [default: by their first lines]"


@click.command(epilog="Example: pumpbench import wire.bin -o wire.pcapng")
@click.argument("files", nargs=-1, type=PATH)
@click.option("--from-device", "heard", multiple=True, type=PATH, metavar="FILE", help="Bytes that the device sent.")
@click.option("--to-device", "told", multiple=True, type=PATH, metavar="FILE", help="Bytes that were sent to it.")
@click.option("--format", "form", type=click.Choice(["raw", "saleae-1", "saleae-2", "sigrok"]), help=FORM_HELP)
@click.option("--samplerate", "samples_per_s", type=click.IntRange(min=1), metavar="HZ", help="Of sigrok, which counts samples.")
@click.option("--start", metavar="TIME", help="When the analyser's zero was, such as 2026-11-21T04:00:00Z. [default: 1970]")
@out_option
@force_option
@json_option
def command(
    files: tuple[Path, ...], heard: tuple[Path, ...], told: tuple[Path, ...], form: str | None, samples_per_s: int | None,
    start: str | None, out: Path, force: bool, in_json: bool,
) -> int:  # fmt: skip
    """Make a capture of raw bytes or of an analyser's export.

    FILES hold both directions: raw bytes tell theirs by the header of each frame, sigrok's annotations by RX (from the device)
    and TX. Files of one direction are named by --from-device and --to-device; raw ones are laid into each other so that each
    reply follows its request. Analysers are Saleae's Logic 1 and 2 (async serial, values in hex) and sigrok (sigrok-cli and
    PulseView).

    The capture is observed evidence: what the pump was before is not known, so no verdict on it can pass. Ends with 3 when the
    analyser marked bytes as broken, or nothing tells the direction of some.
    """
    # Late: help must not wait for the codec.
    import dataclasses
    import json

    from pumpbench.hil.importing import BadExport, Source, import_files
    from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND, Direction
    from pumpbench.hil.verdict import Verdict
    from pumpbench.tools.called import called
    from pumpbench.tools.failure import Failed
    from pumpbench.tools.holding.filtering import parse_moment
    from pumpbench.tools.holding.opening import refuse_no_file

    ways: tuple[tuple[tuple[Path, ...], Direction], ...] = ((files, NEITHER), (heard, INBOUND), (told, OUTBOUND))
    sources = [Source(path, way, form) for paths, way in ways for path in paths]
    if not sources or (files and (heard or told)):
        raise click.UsageError("give files of both directions, or --from-device and --to-device")
    for source in sources:
        refuse_no_file(source.path, "give bytes as they passed, or an analyser's export")
    try:
        made = import_files(sources, out, parse_moment(start, "--start") if start else 0, samples_per_s, force)
    except (BadExport, ValueError) as problem:
        raise Failed(str(problem)) from problem
    if in_json:
        names = [str(source.path) for source in sources]
        click.echo(json.dumps({"schema": SCHEMA, "files": names, "out": str(out), **dataclasses.asdict(made)}))
    click.echo(
        f"{made.bytes_in:,} bytes in {made.records:,} records written to {out} ({', '.join(made.forms)}): observed", err=True
    )
    if made.unsound:
        click.echo(f"pumpbench: the analyser marked {made.unsound:,} bytes as broken; they were taken as they are", err=True)
    if made.undirected:
        click.echo(f"pumpbench: nothing tells the direction of {made.undirected:,} bytes", err=True)
    click.echo(f"next: {called()} decode {shlex.quote(str(out))}", err=True)
    return Verdict.INCONCLUSIVE.exit_code if made.unsound or made.undirected else 0
