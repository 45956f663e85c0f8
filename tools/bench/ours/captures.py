"""Captures written and read back to typed messages; see performance.md, "Captures"."""

from contextlib import ExitStack
from pathlib import Path

from pumpbench.hil.capture import CaptureWriter, read
from pumpbench.hil.capture.columns import ColumnReader
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.links import INBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

MESSAGES = 20_000
C_MESSAGES = 100_000


def write_buffered(setting: Setting, stack: ExitStack) -> Round:
    return _write(setting, buffered=True)


def write_flushed(setting: Setting, stack: ExitStack) -> Round:
    """Every record handed to the system before the next is taken: what a recording does unless told otherwise."""
    return _write(setting, buffered=False)


def _write(setting: Setting, buffered: bool) -> Round:
    records = list(payload.stamped(payload.device_frames(setting.count(MESSAGES))))
    path = setting.folder / "ours.pcapng"

    def work() -> int:
        with CaptureWriter(path, force=True, buffered=buffered) as writer:
            lane = writer.add_line("bench")
            line = writer.line
            for t_ns, frame in records:
                line(lane, INBOUND, t_ns, frame)
        return len(records)

    return per_second(work)


def read_frames(setting: Setting, stack: ExitStack) -> Round:
    """In Python, whatever message a frame holds: its record, its header, its fields as values of a class, its bytes."""
    path, expected = _capture(setting, MESSAGES)

    def work() -> int:
        count = 0
        for item in FrameReader().frames(read(path)):
            count += type(item) is FrameAt and type(item.event) is Frame
        assert count == expected
        return count

    return per_second(work)


def read_messages(setting: Setting, stack: ExitStack) -> Round:
    """Through the firmware's codec: the time and the typed message of every frame of one kind."""
    library, (path, expected) = NativeLibrary(), _capture(setting, C_MESSAGES)
    assert next(ColumnReader(library, Telemetry).messages(path)) == (payload.START_NS, payload.telemetry(1)[0])

    def work() -> int:
        count = 0
        for _ in ColumnReader(library, Telemetry).messages(path):
            count += 1
        assert count == expected
        return count

    return per_second(work)


def read_columns(setting: Setting, stack: ExitStack) -> Round:
    """The same to columns."""
    library, (path, expected) = NativeLibrary(), _capture(setting, C_MESSAGES)

    def work() -> int:
        count = sum(len(stretch.rows) for stretch in ColumnReader(library, Telemetry).stretches(path))
        assert count == expected
        return count

    return per_second(work)


def _capture(setting: Setting, full: int) -> tuple[Path, int]:
    """A capture of so many messages, and their number."""
    count = setting.count(full)
    path = setting.folder / f"ours-{count}.pcapng"
    with CaptureWriter(path, force=True, buffered=True) as writer:
        lane = writer.add_line("bench")
        for t_ns, frame in payload.stamped(payload.device_frames(count)):
            writer.line(lane, INBOUND, t_ns, frame)
    return path, count
