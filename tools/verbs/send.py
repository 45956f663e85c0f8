"""The verb `send`: reads its words; tools/sending does the rest."""

import click

from pumpbench.tools.wait_option import wait_option


@click.command(epilog="Example: pumpbench send emulator ReadStatus")
@click.argument("target")
@click.argument("message")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option(
    "--role", type=click.Choice(["clinician", "patient"]), help="Whose session to open. [default: as the message needs]"
)
@wait_option
@click.option("--json", "in_json", is_flag=True, help="Print the reply as one JSON object.")
def command(target: str, message: str, fields: tuple[str, ...], role: str | None, wait: str | None, in_json: bool) -> int:
    """Send one therapy request to a target and print its reply.

    TARGET is emulator, native, qemu:<board>, serial:<pyserial URL>, usb:<vid>:<pid>[:<serial>], capture:<file>, or a name from
    pumpbench.toml. A recording answers what was asked in it before therapy was changed there, and ends with 3 otherwise.
    It is asked who it is first; where the message needs a session, one is opened before and closed after.
    MESSAGE and its fields are those of
    protocol/SPEC.md; a value is a number, a name of its code list, or for ticks a span such as 30s. Steps of a flex schedule:
    steps=06:00/1500,18:00/900.

    Ends with 2 when the pump refuses.
    """
    # Late: help must not wait for the codec.
    from pumpbench.tools import settings
    from pumpbench.tools.sending import send

    return send(target, message, fields, role, in_json, settings.load().given("wait", wait))
