"""Knows how a timeline speaks to a machine: requests by name, sessions, replies paired by id. It judges nothing."""

from typing import Any

from pumpbench.hil.conformance.timelines.cases import Table
from pumpbench.hil.conformance.timelines.machines import Machine
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, host_frame
from pumpbench.protocol.layout import layout_of

NONCE = 1


def named(cls: type, table: Table) -> dict[str, Any]:
    """The table with the names of codes turned into their numbers; other values as they are."""
    layout = layout_of(cls)
    return {name: one if not isinstance(one, str) else _code(layout.field(name), one) for name, one in table.items()}


def _code(field: Any, name: str) -> int:
    if field.codes is None:
        raise ValueError(f"{field.name} = {name!r}: this field has no names; expected a number")
    return int(field.codes.value_of(name))


def message_class(name: str) -> Any:
    """A message class by its name in messages.py; raises AttributeError where there is none."""
    return getattr(messages, name)


class Conversation:
    """Requests and their replies. Ids and numbers of each channel rise for the whole run, as the protocol asks."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._decoder = Decoder(from_device=True)
        self._seqs = {True: 0, False: 0}
        self._bench_id = 0
        self._therapy_id = 0
        self._session = 0
        self.serial = 0

    def bench(self, message: Any) -> Any:
        """The reply on the bench channel."""
        self._bench_id += 1
        return self._exchange(message, self._bench_id, 0, bench=True)

    def therapy(self, message: Any, role: int, keep_session: bool = False, request_id: int | None = None) -> Any:
        """The reply within a session of its own, which stays open if `keep_session`."""
        if isinstance(message, messages.Open):
            return self._exchange(message, self._next_id(), 0)
        if self._session == 0:
            opened = self._exchange(messages.Open(serial=self.serial, role=role, nonce=NONCE), self._next_id(), 0)
            if not isinstance(opened, messages.Opened):
                return opened
            self._session = opened.session
        reply = self._exchange(message, self._next_id(request_id), self._session)
        if isinstance(reply, messages.Refused) and reply.refusal == Refusal.POWER_CUT:
            self._session = 0
        elif not keep_session:
            self._exchange(messages.Close(), self._next_id(), self._session)
            self._session = 0
        return reply

    def _next_id(self, request_id: int | None = None) -> int:
        if request_id is not None:
            self._therapy_id = max(self._therapy_id, request_id)
            return request_id
        self._therapy_id += 1
        return self._therapy_id

    def _exchange(self, message: Any, request_id: int, session: int, bench: bool = False) -> Any:
        self._seqs[bench] = (self._seqs[bench] + 1) % 0x10000
        sent = host_frame(message, self._seqs[bench], request_id, session, bench)
        frames = self._decoder.feed(self._machine.receive(sent))
        replies = [one.message for one in frames if isinstance(one, Frame) and one.header.request_id == request_id]
        return replies[-1] if replies else None
