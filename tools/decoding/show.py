"""Knows what `decode` prints, and with which exit code it ends; how a line is spelled is told elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.decoding.frame_lines import HEADING, ndjson, table_row
from pumpbench.tools.decoding.frames_in import FramesIn
from pumpbench.tools.failure import Failed


def show(path: Path, form: str, in_bytes: bool) -> int:
    """Prints every frame to stdout and the sum to stderr. `form`: table or ndjson. Raises `Failed` for a file without any."""
    source = FramesIn(path)
    lines = _ndjson(source) if form == "ndjson" else _table(source, in_bytes)
    for line in lines:
        # Not click.echo: a capture has a line for each of a million frames.
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return _summed_up(source)


def _ndjson(source: FramesIn) -> Iterator[str]:
    return (ndjson(item, source.timed) for item in source.items() if isinstance(item, FrameAt))


def _table(source: FramesIn, in_bytes: bool) -> Iterator[str]:
    start_ns: int | None = None
    for item in source.items():
        t_ns = item.record.t_ns if isinstance(item, FrameAt) else item.t_ns
        if start_ns is None:
            start_ns = t_ns
            yield HEADING
        yield table_row(item, start_ns)
        if in_bytes and isinstance(item, FrameAt):
            yield from _annotated(item)


def _annotated(item: FrameAt) -> Iterator[str]:
    # Late, because only --hex pays for construct.
    from pumpbench.tools.decoding.frame_bytes import annotated

    return annotated(item.event)


def _summed_up(source: FramesIn) -> int:
    if not source.frame_count and not source.is_capture:
        raise Failed(f"{source.path}: no frame in it; {_expected(source)}")
    if source.usbmon is not None:
        click.echo(source.usbmon.about(), err=True)
    losses = source.losses()
    for loss in losses:
        click.echo(f"pumpbench: {source.path}: {loss}", err=True)
    if not losses:
        click.echo(f"{source.frame_count} frames, all good", err=True)
    return Verdict.INCONCLUSIVE.exit_code if losses else 0


def _expected(source: FramesIn) -> str:
    if source.usbmon is None:
        return "expected a pcapng capture, or frames between zero bytes"
    return "; ".join([source.usbmon.about(), *source.usbmon.losses()])
