"""construct over the same layout: interpreted as our reference codec uses it, and compiled."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from pumpbench.protocol.declare import layout_of
from pumpbench.protocol.messages import Telemetry
from pumpbench.protocol.reference import struct_of
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = "construct"
MESSAGES = 2_000


def decode(setting: Setting, stack: ExitStack) -> Round:
    bodies, parse = payload.bodies(setting.count(MESSAGES)), struct_of(layout_of(Telemetry)).parse
    return per_second(lambda: _parse_all(parse, bodies))


def decode_compiled(setting: Setting, stack: ExitStack) -> Round:
    bodies, parse = payload.bodies(setting.count(MESSAGES)), struct_of(layout_of(Telemetry)).compile().parse
    return per_second(lambda: _parse_all(parse, bodies))


def _parse_all(parse: Callable[[bytes], Any], bodies: list[bytes]) -> int:
    for body in bodies:
        parse(body)
    return len(bodies)
