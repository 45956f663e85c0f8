"""Knows how a broken rule becomes the answer to a request; it must not know any rule."""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import u32
from pumpbench.firmware_emu.program_rules import Broken
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Done, Refused


def refused(request: type, refusal: int, limit: int = 0, value: int = 0) -> Refused:
    """Limit and value may be wider than their fields; they are cut as `u32` says."""
    return Refused(refused_type=layout_of(request).number, refusal=refusal, limit=u32(limit), value=u32(value))


def refused_for(request: type, broken: Broken) -> Refused:
    return refused(request, broken.refusal, broken.limit, broken.value)


def done(request: type) -> Done:
    return Done(done_type=layout_of(request).number)
