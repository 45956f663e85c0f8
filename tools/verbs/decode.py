"""The verb `decode`: prints the frames of a capture or of bare bytes."""

from pathlib import Path

import click


@click.command(epilog="Example: pumpbench decode out/latest --format ndjson")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "ndjson"]), default="table", help="How to print. [default: table]")
@click.option("--hex", "in_bytes", is_flag=True, help="Under each frame its bytes, field by field.")
def command(file: Path, form: str, in_bytes: bool) -> int:
    """Print the frames of a capture, of usbmon or of raw bytes.

    FILE is a pcapng capture, bytes as they passed on a wire, or what Linux's usbmon saw of a pump, as tcpdump and Wireshark save
    it (pcap or pcapng). NDJSON has a line for each frame, good or bad: t_ns, dir
    (inbound: from the device), ok, type, seq, boot, tick, fields, or in their place the fault. Numbers declared 64 bits wide are
    text there, because not every reader of JSON keeps them whole.

    Ends with 3 when something in the file could not be read as a frame.
    """
    if in_bytes and form == "ndjson":
        raise click.UsageError("--hex belongs to the table: leave out --format ndjson")
    # Late: help must not wait for the codec.
    from pumpbench.tools.decoding.show import show

    return show(file, form, in_bytes)
