"""Knows how bounds of a choice are spelled, and what `filter` prints; it must not choose records itself."""

import datetime
import json
import re
import shlex
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.capture import Record, read
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.replay.choosing import KEPT_FRAMES, Choice, choose
from pumpbench.hil.replay.recorded import KEPT_BEGINNING
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.hil.spelling import nearest
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed

SCHEMA: Final = "pumpbench.filter/1"
WAYS: Final[dict[str, Direction]] = {"inbound": INBOUND, "outbound": OUTBOUND}
NS_PER_S: Final = 1_000_000_000
SURE: Final = {
    KEPT_BEGINNING: "its beginning, as sure as it was",
    "span": "a span from its midst: observed",
    KEPT_FRAMES: "some frames of it: observed",
}


def filter_file(path: Path, out: Path, choice: Choice, force: bool, in_json: bool) -> int:
    """0, or 3 where the source is not whole. Raises `Failed`, `CaptureExists` or `CaptureError`."""
    for after, until in ((choice.after_tick, choice.until_tick), (choice.after_ns, choice.until_ns)):
        if after is not None and until is not None and after > until:
            raise Failed("the span ends before it begins; give an --until that is not before its --after")
    made = choose(path, out, choice, force)
    if in_json:
        click.echo(json.dumps({"schema": SCHEMA, "capture": str(path), "out": str(out), **made._asdict()}))
    click.echo(f"{made.records:,} of {made.of_records:,} records written to {out}: {SURE[made.kept]}", err=True)
    if not made.whole:
        click.echo(f"{path} is not whole; next: {called()} doctor {shlex.quote(str(path))}", err=True)
        return Verdict.INCONCLUSIVE.exit_code
    return 0


def parse_tick(text: str | None, option: str) -> int | None:
    """Ticks of `31d12h` or `500t`, since the pump's start. Raises `Failed`."""
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as problem:
        raise Failed(f"{option} {text!r}: {problem}") from problem


def parse_time(text: str | None, option: str, path: Path) -> int | None:
    """Nanoseconds since 1970 of `2026-11-21T04:00:00Z`, or of `12.5s` after the first record of the file. Raises `Failed`."""
    if text is None:
        return None
    if found := re.fullmatch(r"(\d{1,12})(?:\.(\d{1,9}))?s", text):
        first = next((item.t_ns for item in read(path) if isinstance(item, Record)), 0)
        return first + int(found[1]) * NS_PER_S + int((found[2] or "").ljust(9, "0"))
    return parse_moment(text, option, ", or seconds after the first record such as 12.5s")


def parse_moment(text: str, option: str, more: str = "") -> int:
    """Nanoseconds since 1970 of a time that says its zone. Raises `Failed`."""
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Failed(f"{option} {text!r}: expected a time such as 2026-11-21T04:00:00Z{more}")
    since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * 1000


def parse_types(names: tuple[str, ...]) -> frozenset[int]:
    """Numbers of messages by name, or of types that are not known as `0x7777`. Raises `Failed`."""
    return frozenset(map(_type, names))


def _type(name: str) -> int:
    if re.fullmatch(r"0x[0-9a-fA-F]{1,4}", name):
        return int(name, 16)
    known = {layout.name: layout.number for layout in REGISTRY.layouts()}
    if name not in known:
        raise Failed(f"--type {name}: no such message and no number such as 0x7777; {nearest(name, known)}")
    return known[name]
