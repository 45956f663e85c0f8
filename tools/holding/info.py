"""Knows how a survey of a capture is told, to people and to programs; it must not read the capture itself."""

import datetime
import json
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.links import DIRECTION_NAMES
from pumpbench.hil.replay.survey import Survey
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Model
from pumpbench.tools.called import called
from pumpbench.tools.holding.opening import surveyed
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import format_duration

SCHEMA: Final = "pumpbench.info/1"
SURENESS: Final = {
    "exact": "it opens with a snapshot, so it can be run again",
    "anchored": "program, status and log were read first, but no snapshot opens it",
    "observed": "frames only: what the pump was before them is not known",
}
TIME_MODES: Final = {"credit": "by credits of the bench alone", "free": "by the device's own clock"}
ORIGINS: Final = ("filtered_from", "scrubbed_from", "recovered_from", "joined_from", "imported_from")
"""What a trailer may say of a capture that was made from others."""


def show(path: Path, in_json: bool) -> int:
    """3 when the capture is not whole or has gaps. Raises `Failed` for a file that is no capture."""
    found = surveyed(path)
    if in_json:
        click.echo(json.dumps(as_json(path, found)))
    else:
        for line in lines(path, found):
            click.echo(line)
    if found.finding_count:
        click.echo(f"findings: {found.finding_count}; next: {called()} doctor {shlex.quote(str(path))}", err=True)
    return Verdict.INCONCLUSIVE.exit_code if found.finding_count else 0


def as_json(path: Path, found: Survey) -> dict[str, Any]:
    """Counts are numbers; times, ticks and seeds decimal text, as everywhere in JSON of captures."""
    header = found.recorded.header or {}
    return {
        "schema": SCHEMA,
        "capture": str(path),
        "size_bytes": found.size_bytes,
        "capture_format": header.get("capture_format"),
        "protocol_version": header.get("protocol_version"),
        "sureness": found.sureness,
        "whole": found.whole,
        "ended": found.trailer.get("ended"),
        "made_from": {key: found.trailer[key] for key in ORIGINS if key in found.trailer},
        "time_mode": header.get("time_mode"),
        "first_t_ns": _wide(found.first_t_ns),
        "last_t_ns": _wide(found.last_t_ns),
        "first_tick": _wide(found.ticks[0] if found.ticks else None),
        "last_tick": _wide(found.ticks[1] if found.ticks else None),
        "scenario": _scenario(header),
        "seed": header.get("seed"),
        "target": header.get("target"),
        "topology": header.get("topology"),
        "builds": header.get("builds"),
        "revisions": header.get("revisions"),
        "interfaces": [
            {"interface": name, "direction": DIRECTION_NAMES[way], "records": n, "bytes": found.payload_bytes[name, way]}
            for (name, way), n in sorted(found.records.items())
        ],
        "messages": [
            {**key._asdict(), "direction": DIRECTION_NAMES[key.direction], "frames": n}
            for key, n in sorted(found.messages.items())
        ],
        "bad_frames": [
            {"interface": name, "direction": DIRECTION_NAMES[direction], "fault": fault, "frames": n}
            for (name, direction, fault), n in sorted(found.bad_frames.items())
        ],
        "meta_records": dict(found.metas),
        "pending_bytes": found.pending_bytes,
        "lost_bytes": found.lost_bytes,
        "lost_records": found.lost_records,
        "gaps": found.gap_count,
        "findings": found.finding_count,
    }  # fmt: skip


def lines(path: Path, found: Survey) -> Iterator[str]:
    """What a person asks first, then the counts."""
    header = found.recorded.header or {}
    told = dict(_facts(path, found, header))
    yield from (f"{key:<12} {value}" for key, value in told.items())
    rows = [
        (name, DIRECTION_NAMES[direction], f"{count:,}", f"{found.payload_bytes[name, direction]:,}")
        for (name, direction), count in sorted(found.records.items())
    ]
    yield ""
    yield from text_table(("interface", "direction", "records", "bytes"), rows, frozenset((2, 3)))
    frames = [(key.message, key.channel, DIRECTION_NAMES[key.direction], f"{n:,}") for key, n in sorted(found.messages.items())]
    frames += [(f"bad: {fault}", "", DIRECTION_NAMES[way], f"{n:,}") for (_, way, fault), n in sorted(found.bad_frames.items())]
    yield ""
    yield from text_table(("message", "channel", "direction", "frames"), frames, frozenset((3,)))


def _facts(path: Path, found: Survey, header: dict[str, Any]) -> Iterator[tuple[str, str]]:
    version = f", format {header['capture_format']}" if "capture_format" in header else ""
    yield "capture", f"{path}, pcapng{version}, {found.size_bytes:,} bytes"
    yield "sureness", f"{found.sureness}: {SURENESS[found.sureness]}"
    yield "seal", _seal(found)
    yield from ((key.replace("_from", ""), _origin(found.trailer[key])) for key in ORIGINS if key in found.trailer)
    if mode := header.get("time_mode"):
        yield "time", f"{mode}: {TIME_MODES.get(str(mode), 'not a mode that is known')}"
    if found.first_t_ns is not None and found.last_t_ns is not None:
        yield "recorded", f"{_utc(found.first_t_ns)}, for {(found.last_t_ns - found.first_t_ns) / 1e9:.3f} s"
    if found.ticks is not None:
        low, high = found.ticks
        yield "pump time", f"tick {low:,} to {high:,}, {format_duration(high - low)}"
    if header:
        yield "scenario", _scenario(header) or "none, or it has no title"
        if header.get("seed") is not None:
            yield "seed", str(header["seed"])
        if header.get("target") is not None:
            yield "target", f"{header['target']}, topology {header.get('topology')}"
    yield from _builds(header)
    yield "gaps", str(found.gap_count)


def _seal(found: Survey) -> str:
    if found.whole:
        return f"sealed ({found.trailer.get('ended')}), every record as it was sealed"
    if found.lost_bytes or found.lost_records:
        return f"broken: {found.lost_bytes:,} bytes cannot be read, {found.lost_records:,} records are missing"
    return "broken: a record was changed" if found.trailer else "none: the recording did not end knowingly"


def _builds(header: dict[str, Any]) -> Iterator[tuple[str, str]]:
    builds = header.get("builds")
    for side, told in builds.items() if isinstance(builds, dict) else ():
        if isinstance(told, dict):
            build = told.get("build_id")
            number = f"{int(build):016x}" if isinstance(build, str) and build.isdecimal() else str(build)
            model = Model.name_of(told["model"]) if isinstance(told.get("model"), int) else told.get("model")
            whose = "the target's build" if side == "reference" else "build"  # what it answers with, so that both say the same
            yield f"of {side[:10]}", f"{whose} {number}, model {model}, serial {told.get('serial')}"


def _origin(told: object) -> str:
    """A trailer's word on where its capture comes from, in one line."""
    if isinstance(told, list):
        return f"{len(told)} captures: " + "; ".join(map(_origin, told))
    if isinstance(told, dict):
        return ", ".join(f"{key} {_origin(value)}" for key, value in sorted(told.items()))
    return str(told)


def _scenario(header: dict[str, Any]) -> str | None:
    """The title that the scenario's own text gives."""
    try:
        title = tomllib.loads(str(header.get("scenario") or "")).get("title")
    except tomllib.TOMLDecodeError:
        return None
    return None if title is None else str(title)


def _utc(t_ns: int) -> str:
    try:
        return f"{datetime.datetime.fromtimestamp(t_ns // 1_000_000_000, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{t_ns} ns after 1970"


def _wide(value: int | None) -> str | None:
    return None if value is None else wide(value)
