"""What every rig does alike: a session when one is needed, credits, injections, a recording; it compares nothing itself."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer, RigBroken
from pumpbench.hil.links import Link, LinkError
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.rig.budget import Measured
from pumpbench.hil.rig.credits import CreditLengths
from pumpbench.hil.rig.meter import Meter
from pumpbench.hil.rig.recording import STOP_MASK, Recording
from pumpbench.hil.rig.rig import RigResult, Stamped
from pumpbench.hil.targets import Target
from pumpbench.hil.wire import Fault, Wire
from pumpbench.hil.wire.client import Unknown, WireConversation
from pumpbench.hil.wire.units import therapy_frame
from pumpbench.protocol.codes import Refusal, Role
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified, Refused, Report, ResetToStart

PINGS: Final = 20
"""Round trips of which every rig measures its latency before it starts, though a scenario should ask for nothing."""
Rest = ParamSpec("Rest")
Result = TypeVar("Result")
Kind = TypeVar("Kind", bound="BaseRig")


def stays_broken(method: Callable[Concatenate[Kind, Rest], Result]) -> Callable[Concatenate[Kind, Rest], Result]:
    """Keeps the rig's first failure and raises that again, whatever is asked later: what comes after is only its echo."""

    @wraps(method)
    def kept(self: Kind, /, *args: Rest.args, **named: Rest.kwargs) -> Result:
        if self.first_failure is not None:
            raise self.first_failure
        try:
            return method(self, *args, **named)
        except (LinkError, NoAnswer) as problem:
            self.first_failure = None if isinstance(problem, Unknown) else problem
            raise

    return kept


class BaseRig(ABC):
    """A `Rig` but for what it compares. It owns `target`, and closes it. `wire`: what goes wrong with therapy frames."""

    topology: str

    def __init__(self, target: Target, seed: int, recording: Recording | None = None, wire: Wire | None = None) -> None:
        self.target = target
        self.seed = seed
        self.recording = recording
        self.wire = wire
        self.wire_acted: Counter[str] = Counter()
        self.waited_out = 0
        self.meter = Meter()
        self.first_failure: LinkError | NoAnswer | None = None
        self.on_credit: Callable[[], None] | None = None
        if recording is not None:
            recording.standing = self._standing
        self.link: Link = target.link if recording is None else recording.tapped(target.link)
        self.conversation: Conversation = Conversation(self.link)
        self.bench = Bench(self.conversation)
        self._first_conversation = self.conversation
        self.credits = 0
        self._events: list[Stamped] = []
        self._tick = 0
        self._cut = False
        self._result: RigResult | None = None
        self._programmer: Programmer | None = None
        self._lengths: CreditLengths | None = None
        self._reference: Device | None = None

    @property
    def tick(self) -> int:
        return self._tick

    @property
    def events(self) -> list[Stamped]:
        return self._events

    @property
    def reference(self) -> Device:
        """The device in this process; raises RigBroken before `start`."""
        if self._reference is None:
            raise RigBroken(self.target.name, "the rig was not started", "call start first")
        return self._reference

    def truth(self) -> Pump:
        return self.reference.pump

    @stays_broken
    def start(self, config: Mapping[str, int], start: ResetToStart) -> None:
        identified = self.bench.identify()
        for _ in range(PINGS):
            with self.meter.round_trip():
                self.bench.identify()
        self._reference = self._meet(identified)
        self.bench = Bench(self.conversation)
        self.bench.identified = identified
        self._lengths = CreditLengths(self.seed, self.target.ticks_per_second or identified.ticks_per_second)
        self._programmer = Programmer(self._programmers_end(), start.serial)
        if self.recording is not None:
            whole = {field.name: int(field.default or 0) for field in layout_of(Config).fields} | dict(config)
            self.recording.begin(self.target.name, self.topology, self._builds(identified), whole, start)
        self.bench.arm()
        self.bench.configure(config)
        self._reached(self.bench.reset_to_start(start))
        self.reference.pump.on_effect = self._note_effect
        if self.recording is not None:
            self.recording.snapshot(self._tick, self.truth().snapshot())
            if self.wire is not None:
                self.recording.wire(self.wire.as_dict())

    @stays_broken
    def run_to(self, tick: int) -> None:
        lengths = self._lengths
        assert lengths is not None, "the rig was not started"
        while self._tick < tick:
            before = self._tick
            end = self.target.credit_end(before) or before + lengths.draw()
            self._reached(self._granted(min(tick, end)))
            self.credits += 1
            if self._tick == before:
                raise RigBroken(self.target.name, f"a credit from tick {before} ended where it began", "see what aborts it")
            if self.on_credit is not None:
                self.on_credit()

    @stays_broken
    def open_session(self, role: int) -> Any:
        if self._cut:
            return None
        if self.programmer.role not in (Role.NONE, role):
            self.close_session()
        alone = self.programmer.role == Role.NONE
        reply = self._sealed(self.programmer.open(role))
        if self.wire is not None and alone and isinstance(reply, Refused) and reply.refusal == Refusal.BUSY:
            # A copy of an earlier Open came late and opened a session that nobody holds: it ends by its timeout.
            self.waited_out += 1
            self.run_to(self._tick + self.truth().config.session_timeout_ticks + 1)
            reply = self._sealed(self.programmer.open(role))
        return reply

    @stays_broken
    def close_session(self) -> Any:
        if self._cut or self.programmer.role == Role.NONE:
            return None
        return self._sealed(self.programmer.close())

    @stays_broken
    def therapy(self, message: Any, *, role: int) -> Any:
        if self._cut:
            return None
        if self.programmer.role != role:
            opened = self.open_session(role)
            if isinstance(opened, Refused):
                return opened
        reply = self._sealed(self.programmer.request(message))
        if isinstance(reply, Refused) and reply.refusal == Refusal.SESSION_UNKNOWN:
            self.programmer.forget()
            return self.therapy(message, role=role)
        return reply

    @stays_broken
    def repeat(self) -> Any:
        if self._cut or self.programmer.last_role == Role.NONE:
            return None
        if self.programmer.role == Role.NONE:
            opened = self.open_session(self.programmer.last_role)
            if isinstance(opened, Refused):
                return opened
        reply = self._sealed(self.programmer.repeat())
        if isinstance(reply, Refused) and reply.refusal == Refusal.SESSION_UNKNOWN:
            self.programmer.forget()
            return self.repeat()
        return reply

    @stays_broken
    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        if self.recording is not None:
            self.recording.inject(self._tick, fault, (arg_0, arg_1, arg_2))
        self._reached(self.bench.inject(fault, arg_0, arg_1, arg_2))

    def cut_link(self) -> None:
        self._cut = True

    def restore_link(self) -> None:
        self._cut = False

    def finish(self) -> RigResult:
        if self._result is None:
            try:
                self._result = self._conclude()
            finally:
                self.close()
        return self._result

    def close(self) -> None:
        """Lets go of target and recording, without a result where `finish` was not called."""
        try:
            if self.recording is not None:
                self.recording.end("abandoned")
        finally:
            self.target.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def programmer(self) -> Programmer:
        if self._programmer is None:
            raise RigBroken(self.target.name, "the rig was not started", "call start first")
        return self._programmer

    @abstractmethod
    def _meet(self, identified: Identified) -> Device:
        """The reference device, and the conversation that from now on tells it what the target is told."""

    @abstractmethod
    def _conclude(self) -> RigResult:
        """The result; ends the recording first."""

    def _builds(self, identified: Identified) -> dict[str, Identified]:
        return {"target": identified}

    def _sealed(self, reply: Any) -> Any:
        """A credit of no ticks after each request: its digests show what the request did, whatever comes next."""
        with self.meter.round_trip():
            report = self.bench.run_to(self._tick, STOP_MASK)
        self._reached(report)
        return reply

    def measured(self) -> Measured:
        """What the rig was like so far."""
        talks = {id(talk): talk.retry_count for talk in (self._first_conversation, self.conversation)}
        return self.meter.measured(sum(talks.values()), self.target.link.reconnected_count)

    @property
    def wire_counts(self) -> Mapping[str, int]:
        """How often each kind of fault acted, how many requests the programmer sent again, and how often it waited for a
        session of nobody's to end, which made it late; empty without a wire.
        """
        talk = self.programmer.conversation if self.wire is not None and self._programmer is not None else None
        return {} if talk is None else {**self.wire_acted, "resent": talk.retry_count, "waited": self.waited_out}

    def _programmers_end(self) -> Conversation:
        return self.conversation if self.wire is None else WireConversation(self.conversation, self.wire, self._note_fault)

    def _note_fault(self, fault: Fault, frame: bytes) -> None:
        self.wire_acted[fault.kind] += 1
        event = therapy_frame(frame)
        if self.recording is not None and event is not None:
            self.recording.wire_fault(self._tick, event.head[3], fault.as_dict())

    def _granted(self, target_tick: int) -> Report:
        """One credit of at least a tick, to the target or less far."""
        with self.meter.wait():
            return self.bench.run_to(target_tick, STOP_MASK)

    def _standing(self) -> tuple[int, int | None]:
        return self._tick, self.conversation.last_seq

    def _reached(self, report: Report) -> None:
        self._tick = report.reached_tick

    def _note_effect(self, tick: int, code: int, arg_0: int, arg_1: int) -> None:
        self._events.append(Stamped(tick, code, arg_0, arg_1))
