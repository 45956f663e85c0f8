"""Turns one knob until an alarm stays silent, by running again and again; it knows no alarm by name."""

from collections.abc import Callable
from enum import Enum

from pumpbench.hil.explain.book import Counterfactual, Sounding
from pumpbench.hil.explain.knobs import Knob
from pumpbench.hil.explain.retold import Retold, Unheard
from pumpbench.hil.rerun import NoStart, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Event


class Outcome(Enum):
    """Of a run with one value changed. NO_RUN: the pump refuses what it took as recorded, so it is another therapy."""

    SOUNDS = 1
    SILENT = 2
    NO_RUN = 3


class _Sounded(Exception):
    """Known early: the rest of the run does not matter."""


def outcome_of(script: Script, sounding: Sounding) -> Outcome:
    """Whether the alarm is on at any tick of the sounding's span."""
    first_tick, last_tick = sounding.span
    was_on = False

    def watch(effect: Stamped) -> None:
        nonlocal was_on
        if effect.arg_0 != sounding.alarm or effect.code not in (Event.ALARM_RAISED, Event.ALARM_CLEARED):
            return
        if effect.tick > first_tick and (was_on or effect.code == Event.ALARM_RAISED):
            raise _Sounded
        was_on = effect.code == Event.ALARM_RAISED

    try:
        run = Retold(script, watch)
        for act in script.acts:
            if act.tick > last_tick:
                break
            run.tell(act)
        run.run_to(last_tick)
    except _Sounded:
        return Outcome.SOUNDS
    except (Unheard, NoStart):
        return Outcome.NO_RUN
    return Outcome.SOUNDS if was_on else Outcome.SILENT


def nearest(knob: Knob, sounding: Sounding) -> Counterfactual:
    """Doubles its steps away from what was recorded, landmarks of the knob in between, until the alarm is silent; then halves
    back to the nearest such value. A nearer one could hide only where a value in between sounds it again.
    """
    search = Search(knob, lambda value: outcome_of(knob.made(value), sounding))
    needed = search.found()
    return Counterfactual(knob.lever, knob.what, knob.unit, knob.recorded, needed, search.reached)


class Search:
    """Of one knob. `run` says what comes of a value; each is asked for once. `reached`: as far as was tried."""

    def __init__(self, knob: Knob, run: Callable[[int], Outcome]) -> None:
        self.knob = knob
        self.way = knob.lever.towards
        self.reached = knob.recorded
        self._run = run
        self._known: dict[int, Outcome] = {}

    def found(self) -> int | None:
        """None where no value up to the end of the range, or up to where the pump takes it no more, keeps it silent."""
        sounds = self.knob.recorded
        for value in self._values():
            outcome = self._outcome(value)
            if outcome is Outcome.NO_RUN:
                value = self._last(sounds, value, lambda one: one is not Outcome.NO_RUN)
                outcome = self._outcome(value) if value != sounds else Outcome.SOUNDS
            self.reached = value
            if outcome is Outcome.SILENT:
                needed = self._last(sounds, value, lambda one: one is Outcome.SOUNDS) + self.way
                # Next to the last that sounds there may be one that is no run at all.
                return needed if self._outcome(needed) is Outcome.SILENT else None
            if self._known.get(value + self.way) is Outcome.NO_RUN:
                return None
            sounds = value
        return None

    def _values(self) -> list[int]:
        """Away from what was recorded, each twice as far as the one before, up to the end."""
        first, end, way = self.knob.recorded, self.knob.end, self.way
        steps = (1 << place for place in range(abs(end - first).bit_length()))
        values = {first + way * step for step in steps} | {end, *self.knob.landmarks}
        return sorted((value for value in values if 0 < (value - first) * way <= (end - first) * way), reverse=way < 0)

    def _outcome(self, value: int) -> Outcome:
        if value not in self._known:
            self._known[value] = self._run(value)
        return self._known[value]

    def _last(self, good: int, bad: int, is_good: Callable[[Outcome], bool]) -> int:
        """Halves between a value that is good and one that is not: the last good one."""
        while abs(bad - good) > 1:
            middle = (good + bad) // 2
            if is_good(self._outcome(middle)):
                good = middle
            else:
                bad = middle
        return good
