"""The verbs that take frames, each as it is typed, on the long capture: a process, by the time that it had the processor."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.long_capture import from_device, long_capture
from pumpbench.tools.bench.ours.starts import COMMAND
from pumpbench.tools.bench.processes import rate_of

NO_EVIDENCE = 3
"""A recording of the emulator played to the emulator; bytes that tell no session."""


def info(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "info")


def doctor(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "doctor")


def recover(setting: Setting, stack: ExitStack) -> Round:
    """Of one that was cut off in its last block and has a byte in its middle changed."""
    path, count = long_capture(setting)
    broken = bytearray(path.read_bytes()[:-1])
    broken[len(broken) // 2] ^= 0xFF
    damaged = setting.folder / "damaged.pcapng"
    damaged.write_bytes(broken)
    return rate_of(count, COMMAND, "recover", damaged, *_out(setting, "recovered.pcapng"), ends=(0, NO_EVIDENCE))


def filter_tick(setting: Setting, stack: ExitStack) -> Round:
    """The earlier half."""
    return _typed(setting, "filter", "--until-tick", f"{long_capture(setting)[1] // 2}t", *_out(setting, "half.pcapng"))


def cat(setting: Setting, stack: ExitStack) -> Round:
    """Of one alone: what is written is the whole, as with parts."""
    return _typed(setting, "cat", *_out(setting, "joined.pcapng"))


def scrub(setting: Setting, stack: ExitStack) -> Round:
    """With both re-runs, from which digests under the other identity come."""
    return _typed(setting, "scrub", "--seed", "1", *_out(setting, "scrubbed.pcapng"))


def to_parquet(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", *_out(setting, "every.parquet"))


def one_to_parquet(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", "--message", "Telemetry", *_out(setting, "one.parquet"))


def to_arrow(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", *_out(setting, "every.arrow"))


def to_csv(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", *_out(setting, "every.csv"))


def to_ndjson(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", *_out(setting, "every.ndjson"))


def to_mcap(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "convert", *_out(setting, "every.mcap"))


def decode_ndjson(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "decode", "--format", "ndjson")


def decode_table(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "decode")


def ledger(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "ledger")


def diff(setting: Setting, stack: ExitStack) -> Round:
    """With another copy: each frame is counted once, and two are read for it."""
    path, _ = long_capture(setting)
    return _typed(setting, "diff", shutil.copy(path, setting.folder / "copy.pcapng"))


def step(setting: Setting, stack: ExitStack) -> Round:
    """To a tick in its middle."""
    return _typed(setting, "step", "--at", f"{long_capture(setting)[1] // 2}t")


def explain(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "explain")


def report(setting: Setting, stack: ExitStack) -> Round:
    """With its replay, ledger and charts."""
    return _typed(setting, "report", *_out(setting, "report.html"))


def replay(setting: Setting, stack: ExitStack) -> Round:
    return _typed(setting, "replay", "--against", "emulator")


def import_bytes(setting: Setting, stack: ExitStack) -> Round:
    path, count = from_device(setting)
    return rate_of(count, COMMAND, "import", "--from-device", path, *_out(setting, "imported.pcapng"), ends=(0, NO_EVIDENCE))


def _out(setting: Setting, name: str) -> tuple[str, str, str]:
    return "--force", "-o", str(setting.folder / name)


def _typed(setting: Setting, verb: str, *words: str | Path) -> Round:
    path, count = long_capture(setting)
    settled = os.environ | {"PUMPBENCH_OUT": str(setting.folder)}
    return rate_of(count, COMMAND, verb, path, *words, ends=(0, NO_EVIDENCE), env=settled)
