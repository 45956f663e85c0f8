"""The programmer's side of a faulty wire: asks until it is answered, and says so where it never is; it knows no therapy."""

from typing import Final

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer
from pumpbench.hil.wire.device_end import DeviceEnd
from pumpbench.hil.wire.fault import Wire
from pumpbench.hil.wire.lane import Told
from pumpbench.hil.wire.link import WireLink

RETRIES: Final = 64
"""More than any generated wire loses in a row."""


class Unknown(NoAnswer):
    """The wire lost the request or its reply each time: ask again later, by the same id, to learn what became of it."""


class WireConversation(Conversation):
    """With a device that is reached over `bench`, through a wire that errs. The bench's own channel stays as it is.

    Raises `Unknown` where a request got no reply in `retries` attempts after the first.
    """

    def __init__(self, bench: Conversation, wire: Wire, told: Told, retries: int = RETRIES) -> None:
        self.wire = WireLink(DeviceEnd(bench), wire, told)
        super().__init__(self.wire, timeout_s=0, retries=retries)

    def _no_answer(self, name: str) -> Exception:
        what = f"the wire lost {name} or its reply {self.retries + 1} times"
        return Unknown(self.link.url, what, "ask again by the same id, or mend the wire")
