"""The therapy client: one session with one pump over a conversation; it decides nothing about therapy."""

from typing import Any

from pumpbench.hil import programming
from pumpbench.hil.conversation import Conversation
from pumpbench.protocol.codes import Role
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.messages import Close, Identified, Identify, LogEntry, Open, Opened


class Programmer:
    """A clinician's or patient's programmer. Replies are returned as they come, `Refused` among them.

    `serial` is the pump's; `nonce` of the first session, each later one takes the next. Neither is authentication.
    """

    def __init__(self, conversation: Conversation, serial: int, nonce: int = 1) -> None:
        self.conversation = conversation
        self.serial = serial
        self.role: int = Role.NONE
        self._nonce = nonce
        self._last: tuple[Sent, str] | None = None

    def identify(self) -> Identified | Any:
        return self.conversation.ask(Identify()).message

    def open(self, role: int) -> Any:
        """`Opened`, whose session every later request carries, or `Refused`: then the session held so far stands."""
        therapy = self.conversation.therapy
        held, therapy.session = therapy.session, 0
        reply = self.request(Open(serial=self.serial, role=role, nonce=self._nonce))
        self._nonce = (self._nonce + 1) & 0xFFFF_FFFF
        therapy.session = held
        if isinstance(reply, Opened):
            self.role, therapy.session = role, reply.session
            therapy.rise_above(reply.fluid_highest_id)
        return reply

    def close(self) -> Any:
        """`Done` or `Refused`; no session is held afterwards either way."""
        reply = self.request(Close())
        self.forget()
        return reply

    def forget(self) -> None:
        """Holds no session any more, because the pump has let go of it."""
        self.role, self.conversation.therapy.session = Role.NONE, 0

    def request(self, message: Any) -> Any:
        """The reply to one request of the open session."""
        exchange = self.conversation.therapy
        self._last = exchange.request(message, bench=False), type(message).__name__
        return self.conversation.deliver(*self._last, bench=False).message

    def repeat(self) -> Any:
        """The reply to the last request sent once more, byte for byte; None when there was none."""
        return None if self._last is None else self.conversation.ask_again(*self._last).message

    def program(self, plan: programming.Plan) -> programming.Programming:
        """Changes therapy: see `programming.change_program`."""
        return programming.change_program(self.request, plan)

    def read_log(self, from_seq: int = 0) -> list[LogEntry]:
        return programming.read_log(self.request, from_seq)
