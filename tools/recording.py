"""Stands between a programmer and a pump and shows what passes; it must not change or judge a byte."""

import datetime
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from pumpbench.hil.between import Recorder, check_end, open_programmer_end, open_pump_end
from pumpbench.hil.capture import Record, capture_path, point_latest
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.links import BAUD_DEFAULT
from pumpbench.tools.announcing import announced
from pumpbench.tools.called import called
from pumpbench.tools.decoding.frame_lines import HEADING, table_row
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import Choice, choose_target


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line gave; `output` None: a name of its own under `out`."""

    programmer: str
    pump: str
    output: Path | None = None
    force: bool = False
    sync: bool = False
    once: bool = False
    quiet: bool = False
    reconnect: bool = True
    baud: int = BAUD_DEFAULT
    ready_file: Path | None = None


def record(flags: Flags, settings: Settings) -> int:
    """Until interrupted, until a link is gone, or with `once` until the programmer leaves.

    Raises `Failed`, `TargetUnknown`, `CaptureExists`, `CaptureError`, `RigBroken` or a `LinkError`.
    """
    pump = _pump(flags.pump, settings)
    programmer = check_end(flags.programmer)
    path = flags.output or _path(Path(settings.choose("out", None, "out")[0]), pump.name)
    access = pump.access if flags.reconnect else replace(pump.access, reconnect=False)
    with open_pump_end(pump.name, access) as at_pump, open_programmer_end(programmer, flags.baud) as at_programmer:
        recorder = Recorder(at_programmer, at_pump, path, (programmer, pump.name), flags.force, flags.sync)
        if flags.output is None:
            point_latest(path)
        click.echo(f"recording {pump.name} into {path}; interrupt to end", err=True)
        if _is_awaited(pump.name):
            click.echo(f"the pump is awaited on {at_pump.url}", err=True)
        try:
            with recorder, announced(at_programmer.url, flags.ready_file):
                recorder.start()
                _show(recorder, flags)
        finally:
            _sum_up(recorder)
    return 0


def _pump(name: str, settings: Settings) -> Choice:
    if name in settings.targets:
        return choose_target(name, settings, name)
    checked = check_end(name)
    if _is_awaited(checked):
        return Choice(checked, choose_target("emulator", settings, "emulator").access, True)
    return choose_target(checked, settings, checked)


def _is_awaited(name: str) -> bool:
    return name.partition(":")[0] in ("pty", "tcp")


def _path(folder: Path, pump: str) -> Path:
    return capture_path(folder, "session", pump, datetime.datetime.now(datetime.UTC))


def _show(recorder: Recorder, flags: Flags) -> None:
    """Each frame as it completes, good or bad, to stderr."""
    reader, start_ns = FrameReader(), None
    for record in recorder.passing(flags.once):
        if flags.quiet:
            continue
        if start_ns is None:
            start_ns = record.t_ns
            sys.stderr.write(HEADING + "\n")
        sys.stderr.writelines(_lines(reader, record, start_ns))
        sys.stderr.flush()


def _lines(reader: FrameReader, record: Record, start_ns: int) -> list[str]:
    return [table_row(item, start_ns) + "\n" for item in reader.frames([record]) if isinstance(item, FrameAt)]


def _sum_up(recorder: Recorder) -> None:
    lost = recorder.undelivered_bytes
    more = f"; the programmer did not read {lost:,} bytes, which are on record" if lost else ""
    click.echo(f"{recorder.byte_count:,} bytes in {recorder.record_count:,} records{more}", err=True)
    click.echo(f"next        {called()} info {shlex.quote(str(recorder.path))}", err=True)
