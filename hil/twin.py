"""A conversation that tells the reference what it tells the target, the same bytes, and compares all they answer."""

from collections import deque
from typing import Any, NamedTuple

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.compare import WHOLE_FRAME, Comparer, Difference
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Link
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.frame import BadFrame, Frame

NOTHING = "nothing"
GRANTS = "RunTo"
STARTS = "ResetToStart"
ANSWERED_MAX = 8
"""Replies that a retry may still bring once more."""


class Diverged(Exception):
    """Target and reference disagree. The run ends here: a rig's `finish()` has the finding."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


class Act(NamedTuple):
    """A request that both sides were told at `tick`, other than a grant of time."""

    tick: int
    bench: bool
    name: str
    sent: Sent

    @property
    def message(self) -> Any:
        """What was asked, read back from its bytes."""
        frame = Decoder(from_device=False).feed(self.sent.wire)[0]
        assert not isinstance(frame, BadFrame), f"our own request is a bad frame: {frame}"
        return frame.message


class TwinConversation(Conversation):
    """`ask` raises `Diverged` at the first frame that differs, and from then on.

    While `comparing` is false it raises nothing and leaves both replies in `last`, for who looks for the cause.
    """

    def __init__(self, link: Link, reference: Device, comparer: Comparer) -> None:
        super().__init__(link)
        self.reference = reference
        self.comparer = comparer
        self.comparing = True
        self.alike = False
        self.difference: Difference | None = None
        self.told: list[Act] = []
        self.last: tuple[Frame, Frame | None] | None = None
        self._expected: deque[Frame] = deque()
        self._answered: deque[tuple[int, Any]] = deque(maxlen=ANSWERED_MAX)
        self._reference_decoder = Decoder(from_device=True)

    def deliver(self, sent: Sent, name: str, bench: bool, timeout_s: float | None = None) -> Frame:
        if self.comparing and self.difference is not None:
            raise Diverged(self.difference)
        if name != GRANTS:
            self.told.append(Act(self.reference.pump.plant.tick, bench, name, sent))
        # The target computes while the reference does; reading comes last.
        self.link.write(sent.wire)
        expected = self._ask_reference(sent)
        reply = self.await_reply(sent, name, bench, timeout_s)
        self.last = reply, expected
        self._answered.append((reply.head[4], reply.message))
        self.alike = self.alike or name == STARTS
        if self.comparing:
            self._compare_unasked()
            self._compare_late()
            self._compare(reply, expected)
        return reply

    def tell(self, noise: bytes) -> None:
        super().tell(noise)
        answer = self.reference.receive(noise)
        assert not answer, f"the reference answered noise: {answer.hex()}"

    def settle(self) -> None:
        """Compares what is left of telemetry and notices: one that only one side sent is a difference."""
        if not self.comparing:
            return
        self._compare_unasked()
        self._compare_late()
        for theirs, ours in ((self.unasked, False), (self._expected, True)):
            if theirs:
                self.differ(_alone(theirs[0], ours))

    def forget_unasked(self) -> None:
        self.unasked.clear()
        self._expected.clear()

    def _compare_unasked(self) -> None:
        """In order. Both sides send them before the reply that ends their span, but for those a request itself causes."""
        while self.unasked and self._expected:
            theirs, ours = self.unasked[0], self._expected[0]
            if theirs.head[2] != ours.head[2] or theirs.head[7] != ours.head[7]:
                # One of them has no counterpart: the earlier one, for both sides keep the order of ticks.
                self.differ(_alone(theirs, False) if theirs.head[7] < ours.head[7] else _alone(ours, True))
            self._compare(self.unasked.popleft(), self._expected.popleft())

    def _compare_late(self) -> None:
        """A reply that nothing asked for is a difference; only a retry may bring the same one twice. Before the start: dregs."""
        while self.late:
            frame = self.late.popleft()
            again = self.retry_count > 0 and (frame.head[4], frame.message) in self._answered
            if self.alike and not again:
                self.differ(_alone(frame, ours=False))

    def _ask_reference(self, sent: Sent) -> Frame | None:
        """The reference's reply; what it sends unasked is kept for later."""
        reply = None
        for event in self._reference_decoder.feed(self.reference.receive(sent.wire)):
            assert not isinstance(event, BadFrame), f"the reference sent a bad frame: {event}"
            if event.head[4] == sent.request_id:
                reply = event
            else:
                self._expected.append(event)
        return reply

    def _compare(self, theirs: Frame, ours: Frame | None) -> None:
        if not self.alike and ours is not None:
            # Until its start the target is at a tick of its own: only what it says can be compared, not when.
            theirs = theirs._replace(head=ours.head)
        difference = _alone(theirs, ours=False) if ours is None else self.comparer.compare(theirs, ours)
        if difference is not None:
            self.differ(difference)

    def differ(self, difference: Difference) -> None:
        """Ends the comparison."""
        self.difference = difference
        raise Diverged(difference)


def _alone(frame: Frame, ours: bool) -> Difference:
    """A frame that only one side sent."""
    name: Any = type(frame.message).__name__
    return Difference(frame.head[7], name, WHOLE_FRAME, "", NOTHING if ours else name, name if ours else NOTHING)
