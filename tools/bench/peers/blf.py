"""python-can's BLF files: each body of 32 bytes as one CAN FD message, which is all that format can take."""

from contextlib import ExitStack
from pathlib import Path

import can

from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = "python-can"
MESSAGES = 10_000
NS_PER_S = 1e9


def write(setting: Setting, stack: ExitStack) -> Round:
    messages = _messages(setting)
    return per_second(lambda: _write(setting.folder / "peer.blf", messages))


def read(setting: Setting, stack: ExitStack) -> Round:
    path = setting.folder / "peer-to-read.blf"
    count = _write(path, _messages(setting))

    def work() -> int:
        with can.BLFReader(path) as reader:
            got = sum(1 for _ in reader)
        assert got == count
        return got

    return per_second(work)


def _messages(setting: Setting) -> list[can.Message]:
    stamped = payload.stamped(payload.bodies(setting.count(MESSAGES)))
    return [can.Message(timestamp=t_ns / NS_PER_S, arbitration_id=0x111, is_fd=True, data=body) for t_ns, body in stamped]


def _write(path: Path, messages: list[can.Message]) -> int:
    with can.BLFWriter(path) as writer:
        for message in messages:
            writer.on_message_received(message)
    return len(messages)
