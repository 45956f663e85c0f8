"""The therapy client: one session with one pump over a conversation; it decides nothing about therapy."""

from typing import Any, NamedTuple

from pumpbench.hil import programming
from pumpbench.hil.conversation import Conversation
from pumpbench.protocol.codes import Role
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.messages import Close, Identified, Identify, LogEntry, Open, Opened


class _Asked(NamedTuple):
    """A request, and in which session and role it was asked."""

    sent: Sent
    message: Any
    session: int
    role: int


class Programmer:
    """A clinician's or patient's programmer. Replies are returned as they come, `Refused` among them.

    `serial` is the pump's; `nonce` of the first session, each later one takes the next. Neither is authentication.
    """

    def __init__(self, conversation: Conversation, serial: int, nonce: int = 1) -> None:
        self.conversation = conversation
        self.serial = serial
        self.role: int = Role.NONE
        self._nonce = nonce
        self._last: _Asked | None = None

    def identify(self) -> Identified | Any:
        return self.conversation.ask(Identify()).message

    def open(self, role: int) -> Any:
        """`Opened`, whose session every later request carries, or `Refused`: then the session held so far stands."""
        therapy = self.conversation.therapy
        held, therapy.session = therapy.session, 0
        reply = self._ask(Open(serial=self.serial, role=role, nonce=self._nonce))
        self._nonce = (self._nonce + 1) & 0xFFFF_FFFF
        therapy.session = held
        if isinstance(reply, Opened):
            self.role, therapy.session = role, reply.session
            therapy.rise_above(reply.fluid_highest_id)
        return reply

    def close(self) -> Any:
        """`Done` or `Refused`; no session is held afterwards either way."""
        reply = self._ask(Close())
        self.forget()
        return reply

    def forget(self) -> None:
        """Holds no session any more, because the pump has let go of it."""
        self.role, self.conversation.therapy.session = Role.NONE, 0

    def request(self, message: Any) -> Any:
        """The reply to one request of the open session."""
        exchange = self.conversation.therapy
        self._last = _Asked(exchange.request(message, bench=False), message, exchange.session, self.role)
        return self.conversation.deliver(self._last.sent, type(message).__name__, bench=False).message

    @property
    def last_role(self) -> int:
        """The role of the last request; NONE before the first."""
        return Role.NONE if self._last is None else self._last.role

    def repeat(self) -> Any:
        """The reply to the last request asked once more: byte for byte, or in a later session under the same id.

        `open` and `close` do not count as requests here. None when there was none.
        """
        if self._last is None:
            return None
        exchange, name = self.conversation.therapy, type(self._last.message).__name__
        if self._last.session == exchange.session:
            return self.conversation.ask_again(self._last.sent, name).message
        # A new id would ask for a second dose; by the old one the pump knows what it has done already.
        sent = exchange.request(self._last.message, bench=False, same_id=self._last.sent.request_id)
        return self.conversation.deliver(sent, name, bench=False).message

    def _ask(self, message: Any) -> Any:
        sent = self.conversation.therapy.request(message, bench=False)
        return self.conversation.deliver(sent, type(message).__name__, bench=False).message

    def program(self, plan: programming.Plan) -> programming.Programming:
        """Changes therapy: see `programming.change_program`."""
        return programming.change_program(self.request, plan)

    def read_log(self, from_seq: int = 0) -> list[LogEntry]:
        return programming.read_log(self.request, from_seq)
