"""A capture of a million frames, for whoever handles captures; it must not know what is done with it."""

from pathlib import Path
from typing import Final

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.links import INBOUND
from pumpbench.protocol.frame import device_frame
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Setting

FRAMES: Final = 1_000_000
DISTINCT: Final = 1_000
"""Messages, each drawn once; number and tick make every frame another."""


def long_capture(setting: Setting, name: str, first: int = 0, parts: int = 1) -> tuple[Path, int]:
    """The file, and how many frames it has. `first`: the number of its first frame; one of `parts` of the whole."""
    count = max(2, setting.count(FRAMES) // parts)
    path = setting.folder / f"{name}.pcapng"
    messages = payload.telemetry(DISTINCT)
    with CaptureWriter(path, force=True, buffered=True) as writer:
        line = writer.add_line("bench")
        for n in range(first, first + count):
            frame = device_frame(messages[n % DISTINCT], n & 0xFFFF, 0, 0, 1, n)
            writer.line(line, INBOUND, payload.START_NS + n * payload.STEP_NS, frame)
    return path, count
