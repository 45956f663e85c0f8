"""Follows the sequence numbers of what hosts sent, and knows where a new one may begin anew; it keeps no request."""

from collections.abc import Set as AbstractSet

from pumpbench.hil.rig.recording import CAME, LEFT
from pumpbench.protocol.exchange import SEQ_SPAN
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.messages import Opened


class HostNumbers:
    """Each channel counts for itself; a retry repeats its number with its bytes.

    `between`: recorded between a programmer and a pump, where one programmer may follow another. It shows by a record that one
    came, or by a session that was not open before: a jump on frames of no session waits for that one. Elsewhere every jump is
    a gap, and what is returned are gaps in words.
    """

    def __init__(self) -> None:
        self.between = False
        self._last: dict[bool, int] = {}
        self._anew: set[bool] = set()
        """Channels on which the next frame is the first of a new host."""
        self._there: bool | None = None
        self._session = 0
        self._jump = ""

    def connect(self, programmer: object) -> list[str]:
        """Raises ValueError for what is no word of a recorder."""
        if programmer not in (CAME, LEFT):
            raise ValueError(programmer)
        found = self.settle()
        there = programmer == CAME
        if self._there is there:
            found.append(f"a programmer {programmer} twice")
        self._there = there
        if there:
            self._anew = {False, True}
        return found

    def follow(self, frame: Frame, retry: bool, excused: AbstractSet[int]) -> list[str]:
        """`excused`: numbers of therapy frames that a fault of the wire kept from the device, or from their turn."""
        bench, seq, session = bool(frame.head[1] & FLAG_BENCH), frame.head[3], frame.head[5]
        found = self.settle() if session else []
        if bench in self._anew:
            self._anew.discard(bench)
        elif retry or (jump := self._jump_to(bench, seq, frozenset() if bench else excused)) is None:
            return found
        elif jump and self.between and not bench and not session:
            self._jump = self._jump or jump
        elif jump:
            found.append(jump)
        self._last[bench] = seq
        return found

    def _jump_to(self, bench: bool, seq: int, excused: AbstractSet[int]) -> str | None:
        """Empty where a number is due; None where it was held back until later ones had passed."""
        last = self._last.get(bench)
        due = seq if last is None else (last + 1) % SEQ_SPAN
        while due != seq and due in excused:
            due = (due + 1) % SEQ_SPAN
        if due == seq:
            return ""
        return None if seq in excused else f"the host's frames jump from {last} to {seq}"

    def opened(self, seq: int, reply: Frame) -> list[str]:
        """The answer to an `Open` of that number."""
        message = reply.message
        if not self.between:
            return []
        if not isinstance(message, Opened) or message.session == self._session:
            return self.settle()
        # Who opens as the one before did sends the same bytes: that is no retry.
        self._session, self._last[False], self._jump = message.session, seq, ""
        return []

    def settle(self) -> list[str]:
        """A jump that nothing has explained."""
        jump, self._jump = self._jump, ""
        return [jump] if jump else []
