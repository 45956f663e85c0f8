"""The verb `list`: prints the ports that hil/ports and hil/usb_ports see."""

import click


@click.command(epilog="Example: pumpbench list")
def command() -> None:
    """List the serial ports, the one plugged in last at the end.

    Topology is where on its bus a port hangs. A USB serial number names a board wherever it is plugged in: as target
    serial:usb-serial:NUMBER, or as serial = in pumpbench.toml. A pump on USB is listed, too, by the
    name that opens it.
    """
    # Late: help must not wait for pyserial.
    from pumpbench.hil.ports import ports
    from pumpbench.hil.usb_ports import pumps
    from pumpbench.tools.text_table import text_table

    seen = sorted([*ports(), *pumps()], key=lambda one: (one.since_s, one.device))
    rows = [[one.device, one.vid_pid, one.usb_serial, one.topology, one.driver, one.description] for one in seen]
    for line in text_table(("port", "usb id", "serial", "topology", "driver", "what"), rows):
        click.echo(line)
    if not seen:
        click.echo("no port seen; emulator, native, qemu: and usb:1209:0001@emulator need none", err=True)
