"""Asks one target one thing and prints what it answers; it must not know what the request does to a pump."""

import contextlib
import json
from collections.abc import Sequence
from typing import Any, Final

import click

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer, must, refusal_line
from pumpbench.hil.links import NotOnRecord
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.targets import open_target, served_here, served_how
from pumpbench.hil.verdict import EXIT_USAGE
from pumpbench.protocol.codes import Model, Role
from pumpbench.protocol.messages import Close, Identified, Identify, Open, PatientBolus, Refused
from pumpbench.tools.frame_fields import as_json, spoken
from pumpbench.tools.message_words import message_of
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import choose_target
from pumpbench.tools.text_table import text_table

NEED_NO_SESSION: Final = (Identify, Open)


def send(target: str, name: str, words: Sequence[str], role: str | None, in_json: bool, settings: Settings) -> int:
    """The reply to stdout. Raises `Failed`, `TargetUnknown`, `RigBroken` or a `LinkError`; `Refusal` for the session itself."""
    message = message_of(name, words)
    if isinstance(message, Close):
        click.echo("pumpbench: the session that is closed is the one opened for it", err=True)
    chosen = choose_target(target, settings, target)
    if served_here(chosen.name):
        click.echo(f"{chosen.name} is {served_how(chosen.name)} take part", err=True)
    with open_target(chosen.name, access=chosen.access) as opened:
        try:
            reply = _asked(Conversation(opened.link), message, Role.NONE if role is None else Role.value_of(role))
        except NoAnswer as problem:
            raise opened.explained(problem) from None
    _print(reply, in_json)
    if isinstance(reply, Refused):
        click.echo(f"pumpbench: {refusal_line(reply)}; mend the request, or bring the pump into a state that allows it", err=True)
        return EXIT_USAGE
    return 0


def _asked(conversation: Conversation, message: Any, role: int) -> Any:
    identified = must(conversation.ask(Identify()).message)
    assert isinstance(identified, Identified)
    click.echo(f"{Model.name_of(identified.model)} {identified.serial}, build {identified.build_id:016x}", err=True)
    programmer = Programmer(conversation, identified.serial)
    if isinstance(message, NEED_NO_SESSION):
        return identified if isinstance(message, Identify) else programmer.request(message)
    own = Role.PATIENT if isinstance(message, PatientBolus) else Role.CLINICIAN
    must(programmer.open(role or own))
    reply = programmer.request(message)
    if not isinstance(message, Close):
        with contextlib.suppress(NotOnRecord):
            programmer.close()
    return reply


def _print(reply: Any, in_json: bool) -> None:
    name = type(reply).__name__
    if in_json:
        click.echo(json.dumps({"type": name, "fields": as_json(reply)}))
        return
    click.echo(name)
    for line in text_table(("field", "value"), list(spoken(reply)))[1:]:
        click.echo(f"  {line}")
