"""Serves a pump as a USB device to other machines and guests, and tells how to attach it; it must not know what is said on it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pumpbench.hil.verdict import Verdict
from pumpbench.tools.announcing import announced
from pumpbench.tools.failure import Failed
from pumpbench.tools.speed import parse_speed

if TYPE_CHECKING:
    from pumpbench.hil.targets.usb import Served

BEHIND: Final = ("emulator", "native", "qemu", "serial")
HOST: Final = "127.0.0.1"
OPEN: Final = "is open to other machines, and it knows no password: whoever reaches it may dose this pump"


def serve_usbip(where: str, source: str, speed: tuple[str, str], ready_file: Path | None) -> None:
    """Until interrupted, or until the pump behind it is gone. `where`: HOST:PORT, HOST or PORT.

    Raises `Failed`, a `RigBroken` or a `LinkError`.
    """
    from pumpbench.hil.usb.usbip_server import UsbipServer, attach_line, is_loopback

    host, port = _place(where)
    with ExitStack() as opened:
        served = opened.enter_context(closing(_served(source, speed)))
        server = opened.enter_context(closing(UsbipServer(served.bus, host, port, _say)))
        (url,) = server.devices
        if not is_loopback(host):
            _say(f"{server.url} {OPEN}")
        _say(f"serving {source} as {url}; attach it as root with: {attach_line(url)}; interrupt to end")
        with announced(url, ready_file):
            _wait(served, source)


def serve_usbredir(place: str, source: str, speed: tuple[str, str], ready_file: Path | None) -> None:
    """Until interrupted, or until the pump behind it is gone. `place`: unix:PATH or HOST:PORT.

    Raises `Failed`, a `RigBroken` or a `LinkError`.
    """
    from pumpbench.hil.usb.usbip_server import is_loopback
    from pumpbench.hil.usb.usbredir_server import RedirServer, qemu_line

    with ExitStack() as opened:
        served = opened.enter_context(closing(_served(source, speed)))
        server = opened.enter_context(closing(RedirServer(served.bus, place, _say)))
        if not is_loopback(server.host):
            _say(f"{server.url} {OPEN}")
        how = f"give QEMU: {qemu_line(server.url)}" if server.listens else "QEMU listens there, and has it"
        _say(f"serving {source} as {server.url}; {how}; interrupt to end")
        with announced(server.url, ready_file):
            _wait(served, source)


def _served(source: str, speed: tuple[str, str]) -> Served:
    """Plugged in, with its pump behind it."""
    from pumpbench.hil.targets.usb import Served
    from pumpbench.tools import settings
    from pumpbench.tools.target_choice import choose_target

    chosen = choose_target(source, settings.load(), source)
    kind, _, rest = chosen.name.partition(":")
    if kind not in BEHIND:
        raise Failed(f"--from {source}: cannot stand behind USB; choose emulator, native, qemu:<board> or serial:<pyserial URL>")
    if kind != "emulator" and speed[1] == "--speed":
        raise Failed(f"--speed {speed[0]}: {source} keeps its own time; leave --speed out, or put the emulator there")
    serial = (rest if kind == "qemu" else kind).upper()
    return Served(serial, chosen.name, chosen.access, parse_speed(*speed))


def _wait(served: Served, source: str) -> None:
    served.wait()
    why = served.behind.crashed() if served.behind is not None else ""
    raise Failed(f"{source}: the pump behind the USB device is gone ({why or 'its link ended'})", Verdict.ERROR.exit_code)


def _place(text: str) -> tuple[str, int]:
    from pumpbench.hil.usb.usbip import PORT_DEFAULT

    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = ("", text) if text.isdecimal() else (text, str(PORT_DEFAULT))
    bare = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if bare or not port.isdecimal() or int(port) > 65535:
        such = f"{HOST}:{PORT_DEFAULT} or [::1]:{PORT_DEFAULT}"
        raise Failed(f"--usbip {text}: expected HOST:PORT, such as {such}; port 0 takes any that is free")
    return host.strip("[]") or HOST, int(port)


def _say(line: str) -> None:
    click.echo(line, err=True)
