"""Writes every effect of a run as a line of JSON beside its capture; it must not judge them."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pumpbench.firmware_emu.events import EVENTS
from pumpbench.hil.capture import wide
from pumpbench.hil.rig import Stamped
from pumpbench.protocol.codes import Alarm, Event, FluidKind, Refusal, ResetCause, Role, TherapyState, ToneClass
from pumpbench.protocol.layout import Codes
from pumpbench.protocol.units import suffix_of, unit_of
from pumpbench.tools.when import Calendar

SUFFIX: Final = ".events.ndjson"
ARGUMENT_CODES: Final[dict[str, type[Codes]]] = {
    "alarm": Alarm, "kind": FluidKind, "state": TherapyState, "state_before": TherapyState, "cause": ResetCause,
    "refusal": Refusal, "role": Role, "tone_class": ToneClass,
}  # fmt: skip
FACTS: Final = {fact.code: fact for fact in EVENTS}


def event_log_path(capture: Path) -> Path:
    """Beside the capture, under its name."""
    return capture.with_name(capture.name.removesuffix(".pcapng") + SUFFIX)


def write_event_log(path: Path, events: Iterable[Stamped], calendar: Calendar) -> Path:
    """Mode 0600; what stood under that name is replaced, which the caller has asked about, and no link is followed."""
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        for event in events:
            file.write(json.dumps(as_json(event, calendar)) + "\n")
    return path


def as_json(event: Stamped, calendar: Calendar) -> dict[str, object]:
    """`tick` is text, because it is 64 bits wide by its layout."""
    return {
        "tick": wide(event.tick),
        "date": calendar.at(event.tick).isoformat(timespec="milliseconds").removesuffix("+00:00"),
        "event": Event.name_of(event.code),
        **dict(_arguments(event)),
    }


def said(event: Stamped) -> str:
    """Its arguments in words: `alarm motor_stall`, `volume 250 nl`."""
    return ", ".join(_spoken(name, value) for name, value in _arguments(event))


def _arguments(event: Stamped) -> Iterator[tuple[str, int | str]]:
    fact = FACTS.get(event.code)
    names = (fact.arg_0, fact.arg_1) if fact else ("arg_0", "arg_1")
    for name, value in zip(names, (event.arg_0, event.arg_1), strict=True):
        if name != "-":
            codes = ARGUMENT_CODES.get(name)
            if name == "alarms":
                yield name, "+".join(Alarm.names_in(value)) or "none"
            else:
                yield name, codes.name_of(value) if codes else value


def _spoken(name: str, value: int | str) -> str:
    unit = unit_of(name) if isinstance(value, int) else ""
    if unit in ("", "id", "seq", "count", "index"):
        return f"{name.replace('_', ' ')} {value}"
    noun = name.removesuffix(suffix_of(name)).strip("_") or name
    return f"{noun.replace('_', ' ')} {value:,} {unit}"
