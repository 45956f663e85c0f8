"""Plays a hand-worked timeline to the firmware in this process and records it; the timeline's own figures are the judge."""

from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path

from pumpbench.hil.conformance.timelines.cases import FOLDER, Case, read_case
from pumpbench.hil.conformance.timelines.machines import Effect, Native
from pumpbench.hil.conformance.timelines.player import disagreements
from pumpbench.hil.conformance.timelines.talk import named
from pumpbench.hil.links import Link
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.rig import About, Recording
from pumpbench.hil.rig.credits import TICKS_MAX
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Identify, Inject, Report, ResetToStart
from pumpbench.tools.captures.at_hand import begin, linked
from pumpbench.tools.failure import Failed


class Taped:
    """A `Machine` that is recorded. Credits end where the timeline expects something, so that a replay tells its very tick."""

    stop_mask = 0

    def __init__(self, native: Native, recording: Recording, cuts: Iterable[int]) -> None:
        self._native = native
        self._recording = recording
        self._cuts = sorted(cuts)
        self._told, self._heard = Decoder(), Decoder(from_device=True)
        self._continuity = Continuity()
        self._begun = False
        self._tick = 0
        self.credit_ticks = 0
        self.bare: Link = linked(native.receive)
        self._link = recording.tapped(self.bare)
        recording.standing = lambda: (self._tick, self._continuity.last[1] if self._continuity.last else None)

    @property
    def effects(self) -> list[Effect]:
        return self._native.effects

    def snapshot(self) -> bytes:
        return self._native.snapshot()

    def receive(self, data: bytes) -> bytes:
        told = [event.message for event in self._told.feed(data) if isinstance(event, Frame)]
        for message in told:
            if isinstance(message, Inject):
                self._recording.inject(self._tick, message.fault, (message.arg_0, message.arg_1, message.arg_2))
        # Who answers stands in the header, as in every recording: nothing compares it.
        link = self.bare if any(isinstance(message, Identify) for message in told) else self._link
        link.write(data)
        answer = link.read(0)
        for event in self._heard.feed(answer):
            if isinstance(event, Frame):
                self._hear(event)
        if not self._begun and any(isinstance(message, ResetToStart) for message in told):
            self._begun = True
            self._recording.snapshot(self._tick, self.snapshot())
        return answer

    def _hear(self, frame: Frame) -> None:
        self._continuity.follow(frame.head[6], frame.head[3])
        if isinstance(frame.message, Report):
            self._tick = frame.message.reached_tick
            at = bisect_right(self._cuts, self._tick)
            self.credit_ticks = min(TICKS_MAX, self._cuts[at] - self._tick if at < len(self._cuts) else TICKS_MAX)


def record_timeline(name: str, path: Path) -> None:
    """Raises `Failed` where the firmware disagrees with a figure of the timeline."""
    case = read_case(FOLDER / f"{name}.toml")
    recording = Recording(path, About())
    machine = Taped(Native(NativeLibrary()), recording, cuts_of(case))
    begin(recording, machine.bare, "timeline", case.config, ResetToStart(**named(ResetToStart, case.start)))
    wrong = [str(one) for one in disagreements(case, machine)]
    recording.end("complete")
    if wrong:
        raise Failed(f"{wrong[0]}; a session to be shipped has to keep its figures first", 1)


def cuts_of(case: Case) -> set[int]:
    """Ticks at which something has to happen, and the end."""
    return {case.end_tick, *(tick for event in case.events for tick in event.ticks)}
