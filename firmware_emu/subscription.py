"""Knows which frames leave a device unasked, and at which ticks; it must not know how they are framed.

Section 7.3 of SEMANTICS.md, `Subscribe`. Not state: it ends with its session, at every reset, start and restore.
"""

from __future__ import annotations

from typing import Any

from pumpbench.firmware_emu.arithmetic import mod
from pumpbench.firmware_emu.machine import SEEN_EFFECT, Machine
from pumpbench.firmware_emu.reading import telemetry
from pumpbench.protocol.messages import EventNotice


class Subscription:
    """At most one. `stop_mask`: what a run has to stop at so that notices leave at their tick."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._period_ticks = 0
        self._since_tick = 0

    @property
    def stop_mask(self) -> int:
        return SEEN_EFFECT if self._period_ticks else 0

    def begin(self, period_ticks: int) -> None:
        """From the completed ticks on; 0 ends it."""
        self._period_ticks = period_ticks
        self._since_tick = self._machine.plant.tick
        self._machine.notices = [] if period_ticks else None

    def next_stop(self, target_tick: int) -> int:
        """The next tick of telemetry, or the target if that comes first."""
        if not self._period_ticks:
            return target_tick
        passed = self._machine.plant.tick - self._since_tick
        return min(target_tick, self._machine.plant.tick + self._period_ticks - mod(passed, self._period_ticks))

    def taken(self) -> list[EventNotice]:
        """Notices of what happened since they were last taken; none once the session is gone."""
        notices = self._machine.notices
        if notices is None:
            return []
        if not self._machine.controller.session_id:
            self.begin(0)
            return []
        self._machine.notices = []
        return [EventNotice(code=code, arg_0=arg_0, arg_1=arg_1) for code, arg_0, arg_1 in notices]

    def after_tick(self) -> list[Any]:
        """What leaves at the end of the tick that ran last."""
        messages: list[Any] = [*self.taken()]
        if self._period_ticks and mod(self._machine.plant.tick - self._since_tick, self._period_ticks) == 0:
            messages.append(telemetry(self._machine))
        return messages
