"""MCAP's own Python writer and reader, as they come: chunks of 1 MiB, zstd."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = "mcap"
MESSAGES = 10_000


def write(setting: Setting, stack: ExitStack) -> Round:
    records = list(payload.stamped(payload.device_frames(setting.count(MESSAGES))))
    return per_second(lambda: _write(setting.folder / "peer.mcap", records, CompressionType.ZSTD))


def write_plain(setting: Setting, stack: ExitStack) -> Round:
    """Without compression, which is its faster way."""
    records = list(payload.stamped(payload.device_frames(setting.count(MESSAGES))))
    return per_second(lambda: _write(setting.folder / "peer.mcap", records, CompressionType.NONE))


def read(setting: Setting, stack: ExitStack) -> Round:
    path = setting.folder / "peer-to-read.mcap"
    count = _write(path, list(payload.stamped(payload.device_frames(setting.count(MESSAGES)))), CompressionType.ZSTD)

    def work() -> int:
        with path.open("rb") as file:
            got = sum(1 for _ in make_reader(file).iter_messages())
        assert got == count
        return got

    return per_second(work)


def _write(path: Path, records: list[tuple[int, bytes]], compression: CompressionType) -> int:
    with path.open("wb") as file:
        writer: Any = Writer(file, compression=compression)
        writer.start()
        channel = writer.register_channel(topic="bench", message_encoding="pumpbench", schema_id=0)
        for t_ns, frame in records:
            writer.add_message(channel, t_ns, frame, t_ns)
        writer.finish()
    return len(records)
