"""The verb `emulate`: reads its flags; tools/serving and tools/usb_serving do the rest."""

from pathlib import Path

import click


@click.command(epilog="Example: pumpbench emulate --link build/pump --speed 60")
@click.option("--link", type=click.Path(path_type=Path), metavar="PATH", help="Also make PATH a symlink to the pty.")
@click.option(
    "--tcp", type=click.IntRange(0, 65535), metavar="PORT", help="Serve on 127.0.0.1 instead of a pty; 0: any free port."
)
@click.option(
    "--usbip", is_flag=False, flag_value="127.0.0.1:3240", metavar="[HOST:PORT]",
    help="Serve as a USB device to the kernel of any Linux host. [127.0.0.1:3240]",
)  # fmt: skip
@click.option("--usbredir", metavar="unix:PATH", help="Serve as a USB device to QEMU, there or where QEMU listens; or HOST:PORT.")
@click.option(
    "--from", "source", metavar="TARGET",
    help="What to put behind USB: emulator, native, qemu:<board> or serial:<URL>. [default: emulator]",
)  # fmt: skip
@click.option("--speed", help="max, real, or how many pump seconds a second lasts. [default: real]")
@click.option(
    "--ready-file", type=click.Path(path_type=Path), metavar="PATH", help="Write the URL to PATH once hosts may connect."
)
def command(
    link: Path | None,
    tcp: int | None,
    usbip: str | None,
    usbredir: str | None,
    source: str | None,
    speed: str | None,
    ready_file: Path | None,
) -> None:
    """Serve a pump on a pty, a TCP port or USB, for programmer software, until interrupted.

    The first line of stdout is the URL to give to pyserial, or the name of the USB device, and nothing else is printed there. One
    host after another may connect; there is no authentication.
    """
    ways = {"--link": link, "--tcp": tcp, "--usbip": usbip, "--usbredir": usbredir}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} are different ways in; leave one out")
    if source is not None and usbip is None and usbredir is None:
        raise click.UsageError("--from puts a pump behind USB: add --usbip or --usbredir")
    # Late: help must not wait for the pump.
    from pumpbench.tools import settings

    pace = settings.load().choose("speed", speed, "real")
    if usbip is not None:
        from pumpbench.tools.usb_serving import serve_usbip

        serve_usbip(usbip, source or "emulator", pace, ready_file)
        return
    if usbredir is not None:
        from pumpbench.tools.usb_serving import serve_usbredir

        serve_usbredir(usbredir, source or "emulator", pace, ready_file)
        return
    from pumpbench.tools.serving import serve

    serve(link, tcp, pace, ready_file)
