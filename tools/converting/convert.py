"""Chooses how a file is converted, by the ending of the new one, and says what came of it; it must not know any format."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.capture import verify
from pumpbench.hil.capture.columns import ColumnReader
from pumpbench.hil.capture.part import Part
from pumpbench.hil.firmware import FirmwareMissing
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.spelling import nearest
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.called import called
from pumpbench.tools.decoding.frames_in import FramesIn, faults_of
from pumpbench.tools.failure import Failed

SCHEMA: Final = "pumpbench.convert/1"
FORMS: Final = ("parquet", "arrow", "csv", "ndjson", "mcap")
CURE: Final = "pip install 'pumpbench[convert]'"


def convert(path: Path, out: Path, form: str | None, message: str | None, force: bool, in_json: bool) -> int:
    """0, or 3 where the file holds what is no good frame, or is not whole. Raises `Failed`, `CaptureExists` or `CaptureError`."""
    form = _form(out, form)
    chosen = _message(message)
    source = FramesIn(path)
    part = Part(out, force, (path,))
    part.create()
    try:
        count, losses = _written(source, part.path, form, chosen)
        if not count and not source.is_capture:
            raise Failed(f"{path}: no frame in it; expected a pcapng capture, or frames between zero bytes")
        part.finish()
    except OSError as problem:
        raise part.unwritable(problem) from problem
    except ModuleNotFoundError as problem:
        raise Failed(f"{form} takes {problem.name}, which is not installed: {CURE}") from problem
    finally:
        part.drop()
    if in_json:
        told = {"capture": str(path), "out": str(out), "format": form, "message": message, "frames": count, "losses": losses}
        click.echo(json.dumps({"schema": SCHEMA, **told}))
    for loss in losses:
        click.echo(f"pumpbench: {path}: {loss}", err=True)
    click.echo(f"{count:,} frames written to {out}", err=True)
    if losses:
        click.echo(f"next: {called()} doctor {shlex.quote(str(path))}", err=True)
    return Verdict.INCONCLUSIVE.exit_code if losses else 0


def _form(out: Path, form: str | None) -> str:
    found = form or out.suffix.removeprefix(".").lower()
    if found not in FORMS:
        raise Failed(f"{out}: no format ends so; expected {', '.join(f'.{one}' for one in FORMS)}, or --format")
    return found


def _message(name: str | None) -> type | None:
    if name is None:
        return None
    known = {cls.__name__: cls for cls in REGISTRY}
    if name not in known:
        raise Failed(f"--message {name}: no such message; {nearest(name, known)}")
    return known[name]


def _written(source: FramesIn, out: Path, form: str, message: type | None) -> tuple[int, list[str]]:
    """How many frames, and what was lost. Modules come late: each format pays for its own library."""
    if form in ("parquet", "arrow"):
        from pumpbench.tools.converting import arrow_tables

        if message is not None:
            return _one_message(source, out, form == "parquet", message)
        return arrow_tables.write_all(source, out, form == "parquet"), source.losses()
    return _writer(form)(source, out, message), source.losses()


def _writer(form: str) -> Callable[[FramesIn, Path, type | None], int]:
    if form == "mcap":
        from pumpbench.tools.converting.mcap_file import write_mcap

        return write_mcap
    from pumpbench.tools.converting.text_files import write_csv, write_ndjson

    return write_csv if form == "csv" else write_ndjson


def _one_message(source: FramesIn, out: Path, parquet: bool, message: type) -> tuple[int, list[str]]:
    """Through the firmware's codec, where it is built, the message has no tail and the capture has one line."""
    from pumpbench.tools.converting import arrow_tables

    layout = layout_of(message)
    from_device = layout.kind != "request"
    library = _library() if source.is_capture and layout.tail is None else None
    if library is not None:
        reader = ColumnReader(library, message, direction=INBOUND if from_device else OUTBOUND)
        count = arrow_tables.write_stretches(reader.stretches(source.path), message, from_device, out, parquet)
        if len(reader.lines) == 1:
            bad = [f"{reader.bad.total()} frames are bad"] if reader.bad else []
            return count, bad + faults_of(verify(source.path))
    return arrow_tables.write_one(source, message, from_device, out, parquet), source.losses()


def _library() -> NativeLibrary | None:
    try:
        return NativeLibrary()
    except FirmwareMissing:
        return None
