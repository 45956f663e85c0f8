"""Holds what a recording shows against its re-run, frame by frame, up to the first that differs; it moves no pump."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from pumpbench.firmware_emu.bench import Bench
from pumpbench.hil.compare import WHOLE_FRAME, Comparer, Difference
from pumpbench.hil.replay.player import NOTHING
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.replay import same_state_layout
from pumpbench.hil.rerun import Act, Rerun
from pumpbench.protocol.codes import Event
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import EventNotice, Report, Telemetry

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows

NOTED: Final = (Event.ALARM_RAISED, Event.ALARM_CLEARED)
OF_CONTROLLER: Final = frozenset({"controller_crc", "memory_crc", "tone_class", "effect_count", "effect_crc"})
"""Of a report, what a device tells of itself whose plant stood elsewhere."""


class Turn(NamedTuple):
    """From the end of `tick` on these alarms are on, after so many effects of the re-run."""

    tick: int
    alarms: int
    effects: int


class Held:
    """`first`: the first field that differs, None where all agree. `digests_agreed`, `shown_effects`: before it; how many effects
    of the re-run lie before the last frame that agrees and tells of alarms, by its digest or by name.
    """

    def __init__(self, recorded: Recorded) -> None:
        self.first: Difference | None = None
        self.digests_agreed = 0
        self.shown_effects = 0
        self._recorded = recorded
        self._comparer = Comparer(digests=same_state_layout(recorded.header))
        self._has_plant = not recorded.plant_outside

    def see(self, act: Act, answer: Frame | None, run: Rerun) -> None:
        """`answer`: what the re-run replied to the act just told. Nothing is held once a frame differed."""
        reply = act.request.reply
        if reply is None or self.first is not None or (act.request.bench and not isinstance(reply.message, Report)):
            return
        self.first = self._difference(reply, answer, run)
        has_digest = self._comparer.digests and hasattr(reply.message, "controller_crc")
        if self.first is None and (has_digest or hasattr(reply.message, "alarms_active")):
            self.digests_agreed += has_digest
            self.shown_effects = len(run.effects)

    def see_unasked(self, run: Rerun, turns: list[Turn]) -> None:
        """What the device sent unasked of alarms, once the run is over."""
        noted = {(one.tick, one.code, one.arg_0) for one in run.effects if one.code in NOTED}
        for piece in self._recorded.unasked.pieces():
            if not isinstance(piece, Frame):
                found = self._hold_rows(piece, turns)
            elif isinstance(piece.message, Telemetry):
                found = self._hold_alarms(piece.head[7], piece.message.alarms_active, turns)
            else:
                found = _unlike(piece, noted)
            if found is not None:
                self.first = found if self.first is None or found.tick < self.first.tick else self.first
                return

    def _difference(self, reply: Frame, answer: Frame | None, run: Rerun) -> Difference | None:
        if not isinstance(reply.message, Report):
            if answer is None:
                name = type(reply.message).__name__
                return Difference(reply.head[7], name, WHOLE_FRAME, "", name, NOTHING)
            return self._comparer.compare(reply, answer)
        ours = reply._replace(message=Bench(run.pump).report(reply.message.reason))
        if self._has_plant:
            return self._comparer.compare(reply, ours)
        return next(iter(self._comparer.differences_in(reply, ours, OF_CONTROLLER)), None)

    def _hold_alarms(self, tick: int, alarms: int, turns: list[Turn]) -> Difference | None:
        """Telemetry of a tick is sent at its end, before anything is asked."""
        now = _at(tick, turns)
        if alarms != now.alarms:
            return Difference(tick, Telemetry.__name__, "alarms_active", "", alarms, now.alarms)
        if self.first is None or tick < self.first.tick:
            self.shown_effects = max(self.shown_effects, now.effects)
        return None

    def _hold_rows(self, rows: "Rows", turns: list[Turn]) -> Difference | None:
        """The same of much telemetry: looked at where its alarms or the re-run's change, and at the last."""
        for at in _places(rows, turns):
            found = self._hold_alarms(int(rows["header_tick"][at]), int(rows["alarms_active"][at]), turns)
            if found is not None:
                return found
        return None


def _places(rows: "Rows", turns: list[Turn]) -> Iterator[int]:
    """Of the rows around which something could differ, in order."""
    import numpy as np

    ticks, alarms = rows["header_tick"].astype(np.int64), rows["alarms_active"]
    turned = np.array([one.tick for one in turns], np.int64)
    parts = np.searchsorted(turned, ticks, side="right")
    changed = np.flatnonzero((alarms[1:] != alarms[:-1]) | (parts[1:] != parts[:-1]))
    yield from sorted({0, *(changed + 1).tolist(), len(rows) - 1})


def _at(tick: int, turns: list[Turn]) -> Turn:
    """What holds at a tick; `turns` begin with the start."""
    return turns[max(0, bisect_right(turns, tick, key=lambda one: one.tick) - 1)]


def _unlike(frame: Frame, noted: set[tuple[int, int, int]]) -> Difference | None:
    tick, message = frame.head[7], frame.message
    if not isinstance(message, EventNotice) or message.code not in NOTED or (tick, message.code, message.arg_0) in noted:
        return None
    return Difference(tick, EventNotice.__name__, WHOLE_FRAME, "", Event.name_of(message.code), NOTHING)
