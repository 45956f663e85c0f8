"""Serves the emulated pump to whoever connects, and tells where; it must not know what is said on the link."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import PtyLink, ServingLink, TcpLink
from pumpbench.hil.serve import Server
from pumpbench.tools.failure import Failed
from pumpbench.tools.speed import parse_speed


def serve(link: Path | None, tcp: int | None, speed: tuple[str, str], ready_file: Path | None) -> None:
    """Until interrupted. `speed`: the text and where it came from. Raises `Failed` or a `LinkError`."""
    if link is not None and tcp is not None:
        raise Failed("--link names a pty and --tcp serves none; leave one out")
    pace = parse_speed(*speed)
    with _open(link, tcp) as served:
        server = Server(Device(), served, pace)
        click.echo(f"serving a pump at {speed[0]} speed on {served.url}; interrupt to end", err=True)
        with _announced(served.url, ready_file):
            server.run()


def _open(link: Path | None, tcp: int | None) -> ServingLink:
    return TcpLink(port=tcp) if tcp is not None else PtyLink(link)


@contextmanager
def _announced(url: str, ready_file: Path | None) -> Iterator[None]:
    """The URL on stdout and in the file, which goes away with us: a file that is there names a pump that is."""
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
    if ready_file is None:
        yield
        return
    # Whole or not at all, since somebody waits for it to appear.
    fresh = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    fresh.write_text(url + "\n")
    fresh.replace(ready_file)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            ready_file.unlink()
