"""The verb `emulate`: reads its flags; tools/serving does the rest."""

from pathlib import Path

import click


@click.command(epilog="Example: pumpbench emulate --link build/pump --speed 60")
@click.option("--link", type=click.Path(path_type=Path), metavar="PATH", help="Also make PATH a symlink to the pty.")
@click.option(
    "--tcp", type=click.IntRange(0, 65535), metavar="PORT", help="Serve on 127.0.0.1 instead of a pty; 0: any free port."
)
@click.option("--speed", help="max, real, or how many pump seconds a second lasts. [default: real]")
@click.option(
    "--ready-file", type=click.Path(path_type=Path), metavar="PATH", help="Write the URL to PATH once hosts may connect."
)
def command(link: Path | None, tcp: int | None, speed: str | None, ready_file: Path | None) -> None:
    """Serve the emulated pump on a pty or a TCP port, for programmer software, until interrupted.

    The first line of stdout is the URL to give to pyserial, and nothing else is printed there. One host after another may
    connect; there is no authentication.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings
    from pumpbench.tools.serving import serve

    serve(link, tcp, settings.load().choose("speed", speed, "real"), ready_file)
