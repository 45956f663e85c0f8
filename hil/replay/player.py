"""Plays what a capture holds to a target again and compares the answers; it reads no file and judges nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.bench import CONFIG_INDEX, Bench
from pumpbench.hil.compare import WHOLE_FRAME, Comparer, Difference
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import Refusal
from pumpbench.hil.replay.presumed import INDEPENDENT, Presumed, header_of, presumed
from pumpbench.hil.replay.recorded import STARTS, Gap, Recorded, Request, Side
from pumpbench.hil.replay.steering import Steer
from pumpbench.hil.replay.unasked import Unasked
from pumpbench.hil.rig.credits import TICKS_MAX
from pumpbench.hil.rig.meter import Meter
from pumpbench.hil.rig.recording import STOP_MASKS_OF_CONTROLLER, values_of
from pumpbench.protocol.codes import Level
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Done, Identified, Report, ResetToStart

NOTHING: Final = "nothing"
# Asked of the recorded device about itself or its time: made anew here, and so is not played.
MADE_ANEW: Final = frozenset({"Identify", "Arm", "Disarm", "ReadLink", "Abort"})
ASKED_AGAIN: Final = frozenset({"Sense", "WriteSnapshot", "Restore"})
PLAIN: Final = frozenset({"Arm", "Disarm", "Configure", "Abort"})


@dataclass(slots=True)
class Played:
    """What a replay compared and found so far."""

    comparer: Comparer
    differences: list[Difference] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    """Found while playing: where meta records and wire disagree."""
    missing: int = 0
    extra: int = 0
    late: int = 0
    """Frames that came after the answer to a credit beyond their tick."""
    from_tick: int = 0
    """Nothing before it was compared."""
    ended: bool = False
    """By whoever steered it, before the end of the recording."""
    presumed: bool = False
    """Begun in a state worked out from what was read."""
    strayed: str = ""
    """Where what nobody read showed itself, in a recording without a snapshot: nothing was judged from there on."""
    requests: int = 0
    tick: int = 0
    identified: Identified | None = None


class Player:
    """One replay against one conversation. Ends at the first frame that differs."""

    def __init__(self, conversation: Conversation, recorded: Recorded, comparer: Comparer, from_tick: int = 0) -> None:
        self.conversation = conversation
        self.bench = Bench(conversation)
        self.meter = Meter()
        self.recorded = recorded
        self.played = Played(comparer, from_tick=from_tick)
        self._header = header_of(recorded)
        self.first = 0
        self._presumed: Presumed | None = None
        self._unasked = Unasked(recorded.unasked)
        self._configured = _defaults()
        self._started: Frame | None = None
        self._answer: Frame | None = None
        """To the bench request before."""

    def play(self, on_request: Callable[[Played], None] | None = None, steer: Steer | None = None) -> Played:
        """Raises `RigBroken` or a `LinkError`. `on_request` is called after each request, for a progress display."""
        if not self._set_up():
            return self.played
        for request in self.recorded.requests[self.first :]:
            if steer is not None and not steer(request):
                self.played.ended = True
                break
            self._play(request)
            self.played.requests += 1
            if on_request is not None:
                on_request(self.played)
            if self.played.differences:
                return self.played
        self._finish()
        return self.played

    def _set_up(self) -> bool:
        """Arms, configures and starts the target as the capture's own records say."""
        played, header = self.played, self._header
        played.identified = self.bench.identify()
        self.bench.arm()
        if header is None and (found := presumed(self.recorded)) is not None:
            return self._set_up_presumed(found)
        try:
            config = {name: int(value) for name, value in (header or {}).get("config", {}).items()}
            if unknown := config.keys() - CONFIG_INDEX.keys():
                raise ValueError(f"no configuration field {min(unknown)}")
            start = start_of(header)
            self.bench.configure({name: value for name, value in config.items() if value != self._configured.get(name)})
            self._started = self.conversation.ask(start, bench=True)
            if self.recorded.snapshot is not None and played.identified.level >= Level.L3:
                restored = self.bench.restore(self.recorded.snapshot[1])
                played.tick = restored.reached_tick
                self._check_snapshot(restored)
        except (Refusal, ValueError, KeyError, TypeError, AttributeError) as problem:
            self._gap("meta", f"the start on record cannot be made ({problem})")
            return False
        return True

    def _set_up_presumed(self, found: Presumed) -> bool:
        self._presumed, self.first, self.played.presumed = found, found.first, True
        try:
            self.bench.reset_to_start(found.start)
            self.played.tick = self.bench.restore(found.snapshot).reached_tick
        except Refusal as problem:
            self._gap("meta", f"the state that was read cannot be made ({problem})")
            return False
        return True

    def _check_snapshot(self, restored: Report) -> None:
        """What a first request would overwrite unseen, session fields among it, is held against the start as well.

        As recorded, where it is: a target that starts otherwise is no fault of the recording.
        """
        asked = next((one for one in self.recorded.requests if one.name == STARTS and one.reply is not None), None)
        reply = self._started if asked is None else asked.reply
        started = reply.message if reply is not None else None
        if isinstance(started, Report) and _digests(started) != _digests(restored):
            self._gap("meta", "the first snapshot is not the state that the start on record makes")

    def _play(self, request: Request) -> None:
        if request.frame is None or not request.bench:
            self._deliver(request)
        elif request.name == "RunTo":
            self._grant(request)
        elif request.name == "Inject":
            self._inject(request)
        elif request.name in ASKED_AGAIN:
            self._ask_bench(request)
        elif request.name in ("Configure", "ResetToStart"):
            self._check_start(request)
        elif request.name not in MADE_ANEW:
            self._gap("host", f"{request.name} on record, which a replay does not play")
        if request.name in PLAIN and request.reply is not None:
            self._check_plain(request, request.reply)

    def _deliver(self, request: Request) -> None:
        """A therapy request, byte for byte, at the tick it took effect at."""
        if not self.recorded.in_credits:
            self._catch_up(request.reply.head[7] if request.reply else request.tick)
        self.conversation.late.clear()
        self.conversation.link.write(request.wire)
        # What the device answers comes before its answer to this: nothing has to be waited for.
        with self.meter.round_trip():
            self._run(self.played.tick)
        replies = list(self.conversation.late)
        self.conversation.late.clear()
        self._compare_unasked()
        ours = replies[0] if len(replies) == 1 else None
        if request.reply is not None and ours is not None:
            self._compare(request.reply, ours)
        elif request.reply is not None:
            self._alone(request.reply, theirs=True)
        elif ours is not None and not request.retry:
            self._alone(ours, theirs=False)

    def _grant(self, request: Request) -> None:
        assert request.frame is not None
        message, reply = request.frame.message, request.reply
        if message.stop_mask not in _stop_masks(self._header or {}):
            self._gap("meta", "a credit's stop mask is not the one on record")
        if reply is not None and message.target_tick > reply.head[7] and not self._may_end_early(message):
            # Damage to one of the two: a target may lie years ahead, and is not run to on its own word.
            self._gap("host", f"a credit to tick {message.target_tick} ended at {reply.head[7]}")
            return
        if reply is not None:
            self._ask_bench(request)

    def _may_end_early(self, message: Any) -> bool:
        """Credits of a bench that holds the plant end where it is asked for something; none is longer than a credit may be."""
        return message.stop_mask in STOP_MASKS_OF_CONTROLLER and message.target_tick <= self.played.tick + TICKS_MAX

    def _inject(self, request: Request) -> None:
        assert request.frame is not None
        message, injected = request.frame.message, request.injected
        told = (message.fault, (message.arg_0, message.arg_1, message.arg_2))
        if injected is None or (injected.fault, injected.arguments) != told:
            self._gap("meta", "an input on the wire has no record of its own before it, or another one")
        self._ask_bench(request)

    def _ask_bench(self, request: Request) -> None:
        """Asks the same on a bench channel of our own, whose ids are not the recorded ones."""
        assert request.frame is not None
        if not request.retry or self._answer is None:
            with self.meter.wait():
                self._answer = self.conversation.ask(request.frame.message, bench=True)
            self.played.tick = self._answer.head[7]
            self._compare_unasked()
        # A retry is not asked again: its reply is the stored one, so the answer of before is what it must say.
        if request.reply is not None:
            self._compare(_with_id(request.reply, self._answer), self._answer)

    def _check_start(self, request: Request) -> None:
        """What the recorded device was told must be what the meta records say, since that is what we start from."""
        assert request.frame is not None
        message = request.frame.message
        if request.name == "Configure":
            names = list(CONFIG_INDEX)
            if message.config_index < len(names):
                self._configured[names[message.config_index]] = message.value
            return
        header = self._header or {}
        wanted = {name: int(value) for name, value in header.get("config", {}).items()}
        if header.get("start") != values_of(message) or wanted != self._configured:
            self._gap("meta", "the start on the wire is not the start on record")
        if request.reply is not None and self._started is not None:
            self._compare(_with_id(request.reply, self._started), self._started)

    def _check_plain(self, request: Request, reply: Frame) -> None:
        """What a device says before its start can be known from the request alone; its header then tells of an earlier life.

        It counts as no frame compared: the target was not asked.
        """
        assert request.frame is not None
        expected = Done(done_type=request.frame.head[2])
        if reply.message != expected:
            name = type(reply.message).__name__
            self.played.differences.append(Difference(reply.head[7], name, "reply", "", reply.message, expected))

    def _catch_up(self, tick: int) -> None:
        if tick > self.played.tick:
            with self.meter.wait():
                self._run(tick)
            self._compare_unasked()

    def _run(self, tick: int) -> None:
        """A credit of ours; a target that refuses it is not where it was granted time to."""
        try:
            self.played.tick = self.bench.run_to(tick).reached_tick
        except Refusal as refusal:
            self._differ(Difference(tick, "Report", "reply", "", "Report", refusal.refused))

    def _finish(self) -> None:
        """Runs to the last tick on record and looks for frames that only one side sent."""
        if not self.recorded.in_credits and not self.played.ended:
            self._catch_up(self.recorded.last_tick)
        for frame in self._unasked.left() if self._presumed is None else ():
            if frame.head[7] <= self.played.tick:
                self.played.missing += 1
                self._alone(frame, theirs=True)
            elif not self.played.ended:
                self._gap("device", f"a frame tells tick {frame.head[7]}, to which nothing on record leads")

    def _compare_unasked(self) -> None:
        while self.conversation.unasked:
            ours = self.conversation.unasked.popleft()
            theirs, late = self._unasked.pair(ours)
            if theirs is None:
                self.played.extra += self._presumed is None
                self._alone(ours, theirs=False)
            elif late:
                self.played.late += 1
                self._late(ours)
            else:
                self._compare(theirs, ours)
        self._unasked.answered(self.played.tick)

    def _compare(self, theirs: Frame, ours: Frame) -> None:
        if ours.head[7] < self.played.from_tick:
            return
        if self._presumed is None:
            self.played.differences += self.played.comparer.differences(theirs, ours)
        elif self._presumed.settles and not self.played.strayed:
            self._compare_independent(theirs, ours)

    def _compare_independent(self, theirs: Frame, ours: Frame) -> None:
        """What depends on state that nobody read may differ; where it makes the pump act otherwise, judging ends."""
        if theirs.head[2] != ours.head[2] or theirs.head[6] != ours.head[6]:
            names = " where we got ".join(type(one.message).__name__ for one in (theirs, ours))
            self.played.strayed = f"tick {theirs.head[7]}: {names}"
            return
        fields = INDEPENDENT.get(type(ours.message))
        if fields is not None:
            self.played.differences += self.played.comparer.differences_in(theirs, ours, fields)

    def _late(self, ours: Frame) -> None:
        name = type(ours.message).__name__
        when = f"{name} after the answer of tick {self.played.tick}"
        self._differ(Difference(ours.head[7], name, WHOLE_FRAME, "", name, when))

    def _alone(self, frame: Frame, theirs: bool) -> None:
        name: Any = type(frame.message).__name__
        sides = (name, NOTHING) if theirs else (NOTHING, name)
        self._differ(Difference(frame.head[7], name, WHOLE_FRAME, "", *sides))

    def _differ(self, difference: Difference) -> None:
        """Of a whole frame; what nobody read decides which ones are sent, so without a snapshot it is no finding."""
        if difference.tick >= self.played.from_tick and self._presumed is None:
            self.played.differences.append(difference)

    def _gap(self, side: Side, what: str) -> None:
        self.played.gaps.append(Gap(side, self.played.tick, what))


def _stop_masks(header: dict[str, Any]) -> tuple[Any, ...]:
    """Of the credits on record: one, or those of a bench that holds the plant as well."""
    held_here = STOP_MASKS_OF_CONTROLLER if header.get("topology") == "controller" else ()
    return header.get("stop_mask"), *held_here


def start_of(header: dict[str, Any] | None) -> ResetToStart:
    """The start a header tells; raises KeyError, TypeError, AttributeError or ValueError when it tells none."""
    start = (header or {})["start"]
    return ResetToStart(**{name: int(value) for name, value in start.items()})


def _defaults() -> dict[str, int]:
    return {declared.name: int(declared.default or 0) for declared in layout_of(Config).fields}


def _digests(report: Report) -> tuple[int, int, int]:
    return report.controller_crc, report.plant_crc, report.memory_crc


def _with_id(recorded: Frame, ours: Frame) -> Frame:
    """A recorded bench frame under the id of ours: those ids belong to a bench, and ours counts anew."""
    assert recorded.head[1] & FLAG_BENCH
    return recorded._replace(head=(*recorded.head[:4], ours.head[4], *recorded.head[5:]))
