"""The verb `record`: reads its flags; tools/recording does the rest."""

from pathlib import Path

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench record pty:build/pump emulator -o out/session.pcapng")
@click.argument("programmer")
@click.argument("pump")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to. [default: a name of its own under out/]")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.option("--sync", is_flag=True, help="Wait for the disk with each record.")
@click.option("--once", is_flag=True, help="End when the first programmer leaves.")
@click.option("--quiet", is_flag=True, help="Do not show the frames.")
@click.option("--no-reconnect", is_flag=True, help="End at once when the pump's port goes, rather than wait for it.")
@click.option("--baud", type=click.IntRange(min=50), default=115200, help="Of the programmer's port. [default: 115200]")
@click.option(
    "--ready-file", type=click.Path(path_type=Path), metavar="PATH", help="Write the URL to PATH once a programmer may come."
)
@wait_option
def command(
    programmer: str, pump: str, output: Path | None, force: bool, sync: bool, once: bool, quiet: bool,
    no_reconnect: bool, baud: int, ready_file: Path | None, wait: str | None,
) -> int:  # fmt: skip
    """Stand between a programmer and a pump, and record both ways.

    PROGRAMMER is where the programmer comes to: pty, pty:<symlink>, tcp, tcp:<port>, or the port its cable is on
    (serial:<pyserial URL>). PUMP is a target named as for send, or pty or tcp, where a pump comes by itself.

    The first line of stdout is the URL to point the programmer at, and nothing else is printed there. Frames are shown on
    stderr as they pass. Every byte passes unchanged. What is recorded is evidence by its frames alone: anchored where the
    programmer read program, status and the whole log first, else observed.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools import settings
    from pumpbench.tools.recording import Flags, record

    flags = Flags(programmer, pump, output, force, sync, once, quiet, not no_reconnect, baud, ready_file)
    return record(flags, settings.load().given("wait", wait))
