"""The practical ceiling in Python: C extensions called by hand, a tuple or bytes for each message and nothing else."""

import struct
from binascii import crc_hqx
from contextlib import ExitStack

from cobs import cobs

from pumpbench.protocol.declare import layout_of
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = "cobs"
MESSAGES = 50_000
FRAME = struct.Struct(layout_of(Telemetry).format + "H")


def decode(setting: Setting, stack: ExitStack) -> Round:
    frames = [_frame(body) for body in payload.bodies(setting.count(MESSAGES))]
    chunks = payload.chunks(frames)

    def work() -> int:
        count, rest = 0, b""
        for chunk in chunks:
            *runs, rest = (rest + chunk).split(b"\0")
            count += len([FRAME.unpack(data) for data in map(cobs.decode, filter(None, runs)) if not crc_hqx(data, 0)])
        assert count == len(frames)
        return count

    return per_second(work)


def encode(setting: Setting, stack: ExitStack) -> Round:
    values = payload.telemetry_values(setting.count(MESSAGES))
    pack, word = struct.Struct(layout_of(Telemetry).format).pack, struct.Struct(">H").pack

    def work() -> int:
        for value in values:
            data = pack(*value)
            _ = b"\0" + cobs.encode(data + word(crc_hqx(data, 0))) + b"\0"
        return len(values)

    return per_second(work)


def _frame(body: bytes) -> bytes:
    return b"\0" + bytes(cobs.encode(body + crc_hqx(body, 0).to_bytes(2, "big"))) + b"\0"
