"""Which alarms a device's own frames show, and between which ticks each came up; for recordings that cannot be run again."""

from typing import TYPE_CHECKING, NamedTuple

from pumpbench.hil.replay.heard import frames_in
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun.spoken import said
from pumpbench.protocol.codes import Alarm, Event
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Alarms, EventNotice, Status, Telemetry

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows


class Shown(NamedTuple):
    """An alarm that was raised after `after_tick` and not after `by_tick`; `off_tick`: of the first frame without it, if any.

    Both ticks are one where a notice or the alarm list tells the very tick.
    """

    alarm: int
    after_tick: int
    by_tick: int
    off_tick: int | None

    @property
    def is_exact(self) -> bool:
        return self.after_tick == self.by_tick


def shown_in(recorded: Recorded) -> list[Shown]:
    """In the order in which they came up."""
    watch = _Watch()
    for one, _ in said(recorded):
        if not isinstance(one, Frame):
            watch.see_rows(one)
            continue
        tick, message = one.head[7], one.message
        if isinstance(message, EventNotice) and message.code in (Event.ALARM_RAISED, Event.ALARM_CLEARED):
            watch.turn(message.arg_0, message.code == Event.ALARM_RAISED, tick, tick)
        elif isinstance(message, Status | Telemetry | Alarms):
            watch.see(message, tick)
    return sorted(watch.found, key=lambda one: (one.by_tick, one.alarm))


class _Watch:
    def __init__(self) -> None:
        self.found: list[Shown] = []
        self._on: dict[int, int] = {}
        """Alarm -> place in `found`."""
        self._seen_tick = 0

    def see(self, message: Status | Telemetry | Alarms, tick: int) -> None:
        """All bits at once; only the alarm list says since when."""
        for name, alarm in Alarm.items():
            is_on = bool(message.alarms_active >> alarm & 1)
            since = getattr(message, f"{name.lower()}_tick", 0)
            self.turn(alarm, is_on, since or self._seen_tick, since or tick)
            if since and alarm in self._on:
                place = self._on[alarm]
                self.found[place] = self.found[place]._replace(after_tick=since, by_tick=since)
        self._seen_tick = tick

    def see_rows(self, rows: "Rows") -> None:
        """Telemetry, as message by message: only where its alarms change is there anything to see."""
        ticks, alarms = rows["header_tick"], rows["alarms_active"]
        for at in (0, *(1 + (alarms[1:] != alarms[:-1]).nonzero()[0]).tolist()):
            if at:
                self._seen_tick = int(ticks[at - 1])
            (frame,) = frames_in(rows[at : at + 1])
            self.see(frame.message, int(ticks[at]))
        self._seen_tick = int(ticks[-1])

    def turn(self, alarm: int, is_on: bool, after_tick: int, by_tick: int) -> None:
        if is_on and alarm not in self._on:
            self._on[alarm] = len(self.found)
            self.found.append(Shown(alarm, after_tick, by_tick, None))
        elif not is_on and alarm in self._on:
            place = self._on.pop(alarm)
            self.found[place] = self.found[place]._replace(off_tick=by_tick)
