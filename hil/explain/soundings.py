"""Runs an exact recording once and notes each time an alarm was raised, how it ended and who silenced it; it asks not why."""

from collections.abc import Iterator
from typing import Final

from pumpbench.hil.explain.book import Ended, Silenced, Sounding
from pumpbench.hil.explain.held import Held, Turn
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import Rerun, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Event

EARLIEST: Final = -1


class _Open:
    """An alarm that is on."""

    def __init__(self, raised_tick: int, from_tick: int, last_effect: int) -> None:
        self.raised_tick = raised_tick
        self.from_tick = from_tick
        self.silenced: list[Silenced] = []
        self.last_effect = last_effect


class Soundings:
    """`found`: in the order in which they were raised. `held`: what the recording shows, held against this run."""

    def __init__(self, script: Script, recorded: Recorded) -> None:
        self.found: list[Sounding] = []
        self.held = Held(recorded)
        self._open: dict[int, _Open] = {}
        self._last_end: dict[int, int] = {}
        self._run = Rerun(script, self._effect)
        self._turns = [Turn(EARLIEST, self._run.pump.durable.alarms_active, 0)]
        self._telling = False
        for act in script.acts:
            self._run.run_to(act.tick)
            self._telling = True
            answer = self._run.tell(act)
            self._telling = False
            self.held.see(act, answer, self._run)
        self._run.run_to(script.end_tick)
        self.held.see_unasked(self._run, self._turns)
        for alarm, one in sorted(self._open.items()):
            self._close(alarm, one, "still on", script.end_tick)
        self.found.sort(key=lambda one: (one.raised_tick, one.alarm))
        self.found = [self._spanned(one, script.end_tick) for one in self.found]

    @property
    def effects(self) -> list[Stamped]:
        return self._run.effects

    def _effect(self, effect: Stamped) -> None:
        if effect.code == Event.ALARM_RAISED:
            self._raised(effect.arg_0, effect.tick)
        elif effect.code == Event.ALARM_CLEARED and effect.arg_0 in self._open:
            self._open[effect.arg_0].last_effect = self._number
            self._close(effect.arg_0, self._open.pop(effect.arg_0), "cleared", effect.tick)
        elif effect.code == Event.ALARMS_SILENCED:
            for alarm in self._silenced_by(effect.arg_0):
                self._open[alarm].last_effect = self._number
                self._open[alarm].silenced.append(Silenced(effect.tick, self._run.pump.controller.session_role))
        self._turn(effect.tick)

    @property
    def _number(self) -> int:
        """Of the effect that is being told."""
        return len(self._run.effects)

    def _turn(self, tick: int) -> None:
        """What is told at a tick holds from the next one on."""
        self._turns.append(Turn(tick + self._telling, self._run.pump.durable.alarms_active, self._number))

    def _silenced_by(self, alarms: int) -> Iterator[int]:
        return (alarm for alarm in self._open if alarms & 1 << alarm)

    def _raised(self, alarm: int, tick: int) -> None:
        before = self._open.pop(alarm, None)
        if before is not None:
            # Power failed before the check-point that was to keep it.
            before.last_effect = self._number
            self._close(alarm, before, "lost at a reset", tick)
        self._open[alarm] = _Open(tick, self._last_end.get(alarm, EARLIEST), self._number)

    def _close(self, alarm: int, one: _Open, ended: Ended, tick: int) -> None:
        self._last_end[alarm] = tick
        span = one.from_tick, tick
        self.found.append(Sounding(alarm, one.raised_tick, ended, tick, tuple(one.silenced), span, one.last_effect))

    def _spanned(self, one: Sounding, end_tick: int) -> Sounding:
        later = (
            other.raised_tick - 1 for other in self.found if other.alarm == one.alarm and other.raised_tick > one.raised_tick
        )
        return one._replace(span=(one.span[0], min(later, default=end_tick)))
