"""Moves one emulated pump along a timeline, back and forth, and remembers where it was; it prints nothing."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.replay.recorded import SILENCE_TICKS_MAX
from pumpbench.hil.rerun import Act
from pumpbench.hil.rig import Stamped
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Refused
from pumpbench.tools.failure import Failed
from pumpbench.tools.stepping.timeline import Timeline

KEPT_MAX: Final = 1000


class Kept(NamedTuple):
    """A place to go back to."""

    tick: int
    told_count: int
    snapshot: bytes


class Told(NamedTuple):
    """An act, and what the pump answered (None: nothing, or nothing it could)."""

    act: Act
    reply: Frame | None


class Stepper:
    """`happened` and `told` are what the last move brought."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.happened: list[Stamped] = []
        self.told: list[Told] = []
        self._device = Device()
        self._decoder = Decoder(from_device=True)
        self._told_count = 0
        self._kept: list[Kept] = []
        self._start()

    @property
    def pump(self) -> Pump:
        return self._device.pump

    @property
    def tick(self) -> int:
        return self.pump.plant.tick

    def next_act(self) -> Act | None:
        """What the timeline tells next."""
        return self.timeline.acts[self._told_count] if self._told_count < len(self.timeline.acts) else None

    def step(self, count: int = 1) -> None:
        self.run_to(self.tick + count)

    def run_to(self, tick: int) -> None:
        """To a tick not before this one; what the timeline tells at that tick is told too. Raises `Failed`."""
        if tick > self.timeline.end_tick + SILENCE_TICKS_MAX:
            ends = f"the run ends at tick {self.timeline.end_tick}, and no pump lives so long after it"
            raise Failed(f"tick {tick} is too far: {ends}; give an earlier one")
        if tick < self.tick:
            raise Failed(f"tick {tick} is past; this is tick {self.tick}, and `back` goes back")
        self._keep()
        self._move(tick)

    def inject(self, fault: int, arguments: tuple[int, int, int]) -> Refused | None:
        """A fault of one's own, in force from the next tick."""
        self._keep()
        return self.pump.inject(fault, *arguments)

    def back(self, count: int = 1) -> None:
        """Undoes so many moves. Raises `Failed` where there were fewer."""
        if count > len(self._kept):
            raise Failed(f"back {count}: only {len(self._kept)} moves can be undone")
        kept = self._kept[-count]
        del self._kept[-count:]
        self.pump.restore(kept.snapshot)
        self._told_count = kept.told_count
        self.happened, self.told = [], []

    def _start(self) -> None:
        for name, value in self.timeline.config.items():
            setattr(self.pump.config, name, value)
        refused = self.pump.reset_to_start(self.timeline.start)
        if refused is not None:
            raise Failed(f"{self.timeline.title}: its start is refused ({refused}); record it again with this version")
        self.pump.on_effect = self._note

    def _keep(self) -> None:
        self.happened, self.told = [], []
        self._kept.append(Kept(self.tick, self._told_count, self.pump.snapshot()))
        del self._kept[:-KEPT_MAX]

    def _move(self, tick: int) -> None:
        for act in self._due(tick):
            self.pump.leap(act.tick - self.tick)
            self._tell(act)
        self.pump.leap(tick - self.tick)

    def _due(self, tick: int) -> Iterator[Act]:
        while (act := self.next_act()) is not None and act.tick <= tick:
            self._told_count += 1
            yield act

    def _tell(self, act: Act) -> None:
        if act.fault is not None:
            self.pump.inject(*act.fault)
            self.told.append(Told(act, None))
            return
        events = self._decoder.feed(self._device.receive(act.wire))
        # A reply carries its request's id; what is sent unasked carries none, and comes before it.
        replies = [event for event in events if isinstance(event, Frame) and event.head[4]]
        self.told.append(Told(act, replies[-1] if replies else None))

    def _note(self, tick: int, code: int, arg_0: int, arg_1: int) -> None:
        self.happened.append(Stamped(tick, code, arg_0, arg_1))
