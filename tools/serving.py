"""Serves the emulated pump to whoever connects, and tells where; it must not know what is said on the link."""

from pathlib import Path

import click

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import PtyLink, ServingLink, TcpLink
from pumpbench.hil.serve import Server
from pumpbench.tools.announcing import announced
from pumpbench.tools.speed import parse_speed


def serve(link: Path | None, tcp: int | None, speed: tuple[str, str], ready_file: Path | None) -> None:
    """Until interrupted. `speed`: the text and where it came from. Raises `Failed` or a `LinkError`."""
    pace = parse_speed(*speed)
    with _open(link, tcp) as served:
        server = Server(Device(), served, pace)
        often = f"{speed[0]} speed" if pace is None or speed[0] in ("max", "real") else f"{speed[0]} times real speed"
        click.echo(f"serving a pump at {often} on {served.url}; interrupt to end", err=True)
        with announced(served.url, ready_file):
            server.run()


def _open(link: Path | None, tcp: int | None) -> ServingLink:
    return TcpLink(port=tcp) if tcp is not None else PtyLink(link)
