"""Free run: a device that no bench has armed keeps its own time, and a programmer can follow it. Bounded, in real time."""

from __future__ import annotations

import time
from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Identify, ReadStatus, Status, Subscribe, Telemetry

SECTION: Final = "SEMANTICS 13, free run"
CLOCK: Final = "clock"
WAIT_S: Final = 10.0
"""A hundred ticks of a device that keeps time; one that shows nothing by then keeps none."""


def _free(pump: Subject) -> None:
    pump.start()
    pump.disarm()


def _until(pump: Subject, count: int) -> list[Any]:
    """So many telemetry frames, or fewer where they do not come in time."""
    found: list[Any] = []
    deadline_s = time.monotonic() + WAIT_S
    while len(found) < count and time.monotonic() < deadline_s:
        found += [one for one in pump.hear(0.2) if isinstance(one, Frame) and isinstance(one.message, Telemetry)]
    return found


@check("free-run.ticks-by-itself", SECTION, needs=CLOCK)
def ticks_by_itself(pump: Subject) -> None:
    """Unarmed, the tick in the device's frames rises while nobody grants any."""
    _free(pump)
    first = pump.send(pump.frame(Identify())).header.tick
    deadline_s = time.monotonic() + WAIT_S
    tick = first
    while tick < first + 3 and time.monotonic() < deadline_s:
        pump.hear(0.05)
        tick = pump.send(pump.frame(Identify())).header.tick
    pump.expect("the tick rises", tick > first, True)


@check("free-run.age-rises-with-the-tick", SECTION, needs=CLOCK)
def age_rises(pump: Subject) -> None:
    """The pump's age rises by as many ticks as the tick itself, and the clock with it."""
    _free(pump)
    pump.open()
    first = pump.send(pump.frame(ReadStatus()))
    pump.hear(0.5)
    later = pump.send(pump.frame(ReadStatus()))
    for reply in (first, later):
        pump.expect_reply(reply.message, Status)
    ticks = later.header.tick - first.header.tick
    pump.expect("Status.life_ticks", later.message.life_ticks, first.message.life_ticks + ticks)
    pump.let_go()


@check("free-run.telemetry-misses-no-tick", "SEMANTICS 7.3", needs=CLOCK)
def telemetry_misses_none(pump: Subject) -> None:
    """With a period of 1 telemetry comes in real time, a frame for each tick, in order."""
    _free(pump)
    pump.open()
    pump.done(Subscribe(period_ticks=1))
    found = _until(pump, 8)
    ticks = [one.head[7] for one in found]
    pump.expect("telemetry frames within ten seconds", len(found) >= 8, True)
    pump.expect("their ticks", ticks, list(range(ticks[0], ticks[0] + len(ticks))))
    pump.expect("their ids", {one.head[4] for one in found}, {0})
    pump.done(Subscribe(period_ticks=0))
    pump.let_go()
