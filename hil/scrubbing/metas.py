"""Rewrites meta records: what a re-run needs stays, what people wrote goes; knows no wire bytes."""

import json
import re
from typing import Any, Final

from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.capture.reader import Record
from pumpbench.hil.capture.recover import LOST
from pumpbench.hil.rig.recording import CONNECTION, HEADER, HEADER_KEYS, INJECT, PLANT_INJECT, SNAPSHOT, WIRE, WIRE_FAULT
from pumpbench.hil.scrubbing.aliases import Aliases

TAKEN_OUT: Final = "scrubbed"
"""Kind that stands for a record of a kind that is not known, or that cannot be read: it was a gap, and stays one."""
KEPT: Final = frozenset((SNAPSHOT, INJECT, PLANT_INJECT, WIRE, WIRE_FAULT, CONNECTION, LOST))
CLOCK: Final = "nanoseconds since 1970, shifted by whole weeks"
KNOWN_TARGETS: Final = re.compile(r"emulator|native|qemu:[\w-]+|capture|board")
TEXTS: Final = {"scenario": "", "host_clock": CLOCK}


def parsed(record: Record) -> dict[str, Any] | None:
    """A meta record in its one spelling; None for any other."""
    try:
        found = json.loads(record.payload)
        return found if isinstance(found, dict) and canonical(found) == record.payload else None
    except (ValueError, RecursionError):
        return None


def meta_with(found: dict[str, Any] | None, aliases: Aliases) -> dict[str, Any]:
    """What stands for a meta record; `snapshot` is left to whoever can make it."""
    kind = found.get("record") if found is not None else None
    if found is None or not (kind == HEADER or kind in KEPT):
        return {"record": TAKEN_OUT}
    if kind == HEADER:
        return header_with(found, aliases)
    return {**found, "what": "lost"} if kind == LOST and "what" in found else found


def header_with(header: dict[str, Any], aliases: Aliases) -> dict[str, Any]:
    """Entries that are not known keep their names, because an entry too many is damage, and lose what they say."""
    made = {key: value if key in HEADER_KEYS else None for key, value in header.items()} | {
        key: text for key, text in TEXTS.items() if key in header
    }
    if "target" in header:
        made["target"] = _target(header["target"])
    if "revisions" in header:
        made["revisions"] = _versions(header["revisions"])
    if isinstance(header.get("start"), dict):
        made["start"] = _named(header["start"], aliases)
    if isinstance(header.get("builds"), dict):
        made["builds"] = {side: _named(told, aliases) for side, told in header["builds"].items() if isinstance(told, dict)}
    return made


def _target(name: object) -> str:
    """Ports, serial numbers and names of benches tell where it was."""
    text = str(name)
    kind = text.partition(":")[0]
    return text if KNOWN_TARGETS.fullmatch(text) else kind if kind in ("serial", "usb", "capture") else "target"


def _versions(revisions: object) -> dict[str, Any]:
    told = revisions if isinstance(revisions, dict) else {}
    return {key: text if re.fullmatch(r"[\w.+-]{1,40}", str(text)) else "" for key, text in told.items()}


def _named(values: dict[str, Any], aliases: Aliases) -> dict[str, Any]:
    """Fields of a message as meta records spell them."""
    made = dict(values)
    for name, value in values.items():
        if isinstance(value, int) and 0 <= value < 2**32 and (new := aliases.field(name, value)) is not None:
            made[name] = new
    return made
