"""Runs an exact recording once and notes each time an alarm was raised, how it ended and who silenced it; it asks not why."""

from collections.abc import Iterator
from typing import Final

from pumpbench.hil.explain.book import Ended, Silenced, Sounding
from pumpbench.hil.rerun import Rerun, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Event
from pumpbench.protocol.messages import Report, Status

EARLIEST: Final = -1


class _Open:
    """An alarm that is on."""

    def __init__(self, raised_tick: int, from_tick: int) -> None:
        self.raised_tick = raised_tick
        self.from_tick = from_tick
        self.silenced: list[Silenced] = []


class Soundings:
    """`first_differing_tick`: where a digest on record is not the re-run's, None where all agree; from there on the recorded pump
    is not this one. `digests`: whether they can be compared at all.
    """

    def __init__(self, script: Script, digests: bool) -> None:
        self.found: list[Sounding] = []
        self.first_differing_tick: int | None = None
        self.digests_agreed = 0
        self._open: dict[int, _Open] = {}
        self._last_end: dict[int, int] = {}
        self._run = Rerun(script, self._effect)
        for act in script.acts:
            self._run.tell(act)
            reply = act.request.reply
            if digests and reply is not None and isinstance(reply.message, Report | Status):
                self._compare(reply.message, act.tick)
        self._run.run_to(script.end_tick)
        for alarm, one in sorted(self._open.items()):
            self._close(alarm, one, "still on", script.end_tick)
        self.found.sort(key=lambda one: (one.raised_tick, one.alarm))
        self.found = [self._spanned(one, script.end_tick) for one in self.found]

    @property
    def effects(self) -> list[Stamped]:
        return self._run.effects

    def _compare(self, report: Report | Status, tick: int) -> None:
        if self.first_differing_tick is None and report.controller_crc != self._run.pump.digests()[0]:
            self.first_differing_tick = tick
        self.digests_agreed += self.first_differing_tick is None

    def _effect(self, effect: Stamped) -> None:
        if effect.code == Event.ALARM_RAISED:
            self._raised(effect.arg_0, effect.tick)
        elif effect.code == Event.ALARM_CLEARED and effect.arg_0 in self._open:
            self._close(effect.arg_0, self._open.pop(effect.arg_0), "cleared", effect.tick)
        elif effect.code == Event.ALARMS_SILENCED:
            for alarm in self._silenced_by(effect.arg_0):
                self._open[alarm].silenced.append(Silenced(effect.tick, self._run.pump.controller.session_role))

    def _silenced_by(self, alarms: int) -> Iterator[int]:
        return (alarm for alarm in self._open if alarms & 1 << alarm)

    def _raised(self, alarm: int, tick: int) -> None:
        before = self._open.pop(alarm, None)
        if before is not None:
            # Power failed before the check-point that was to keep it.
            self._close(alarm, before, "lost at a reset", tick)
        self._open[alarm] = _Open(tick, self._last_end.get(alarm, EARLIEST))

    def _close(self, alarm: int, one: _Open, ended: Ended, tick: int) -> None:
        self._last_end[alarm] = tick
        self.found.append(Sounding(alarm, one.raised_tick, ended, tick, tuple(one.silenced), (one.from_tick, tick)))

    def _spanned(self, one: Sounding, end_tick: int) -> Sounding:
        later = (
            other.raised_tick - 1 for other in self.found if other.alarm == one.alarm and other.raised_tick > one.raised_tick
        )
        return one._replace(span=(one.span[0], min(later, default=end_tick)))
