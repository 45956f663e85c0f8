"""A re-run with something changed: what a programmer derives from the pump's answers is derived anew. It judges nothing."""

from collections.abc import Callable
from typing import Any

from pumpbench.hil.rerun import Act, Rerun, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.frame import Frame, host_frame
from pumpbench.protocol.messages import Opened, Refused

CRCS = ("program_crc", "old_program_crc")


class Unheard(Exception):
    """The pump refuses, or does not answer, what it took as recorded: this is no run of the same therapy any more."""


class Retold(Rerun):
    """As the recording tells it, unless something changed: then ids, sessions and program CRCs are those of this run."""

    def __init__(self, script: Script, on_effect: Callable[[Stamped], None] | None = None) -> None:
        super().__init__(script, on_effect)
        self._sessions: dict[int, int] = {}
        self._crcs: dict[int, int] = {}
        self._ids: dict[int, int] = {}
        self._highest_recorded = self._lift = 0

    def tell(self, act: Act) -> Frame | None:
        """Raises `Unheard`."""
        self.run_to(act.tick)
        recorded = act.request.reply
        was_taken = recorded is not None and not isinstance(recorded.message, Refused)
        if act.fault is not None:
            if self.pump.inject(*act.fault) is not None and was_taken:
                raise Unheard(act.name)
            return None
        if not act.wire:
            return None
        reply = self._heard(self._wire(act))
        if recorded is not None and was_taken:
            if reply is None or isinstance(reply.message, Refused):
                raise Unheard(act.name)
            self._learn(recorded, reply)
        return reply

    def _heard(self, wire: bytes) -> Frame | None:
        """A programmer that meets a pump as it boots waits, and asks again."""
        reply = self.hear(wire)
        if reply is not None and isinstance(reply.message, Refused) and reply.message.refusal == Refusal.BOOTING:
            # A reset that is due is taken in the next tick.
            self.run_to(self.tick + self.pump.config.boot_ticks + 1)
            reply = self.hear(wire)
        return reply

    def _wire(self, act: Act) -> bytes:
        """Byte for byte where nothing changed: a retry must stay one."""
        frame = act.request.frame
        if frame is None:
            return act.wire
        message, request_id = self._derived(act.told), self._id(frame.head[4])
        session = self._sessions.get(frame.head[5], frame.head[5])
        if message == frame.message and (request_id, session) == (frame.head[4], frame.head[5]):
            return act.wire
        return host_frame(message, frame.head[3], request_id, session)

    def _id(self, recorded: int) -> int:
        """Ids of a session lie above all that moved fluid; one that lies below repeats what was asked before, under its id."""
        if recorded > self._highest_recorded:
            self._ids[recorded] = recorded + self._lift
        return self._ids.get(recorded, recorded)

    def _derived(self, message: Any) -> Any:
        names = getattr(type(message), "_fields", ())
        changed = {name: self._crcs[value] for name in CRCS if name in names and (value := getattr(message, name)) in self._crcs}
        return message._replace(**changed) if changed else message

    def _learn(self, recorded: Frame, reply: Frame) -> None:
        if isinstance(recorded.message, Opened) and isinstance(reply.message, Opened):
            self._sessions[recorded.message.session] = reply.message.session
            self._highest_recorded = recorded.message.fluid_highest_id
            self._lift = max(0, reply.message.fluid_highest_id - recorded.head[4])
        for name in CRCS:
            theirs, ours = getattr(recorded.message, name, None), getattr(reply.message, name, None)
            if theirs is not None and ours is not None and theirs != ours:
                self._crcs[theirs] = ours
