"""The device's end of a faulty wire, over a conversation that the bench holds with it; it decides no fault."""

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Link
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame

ANSWERED: frozenset[int] = frozenset({WireFault.LENGTH, WireFault.RANGE})
"""Of bad frames a device refuses these by name and passes over all others in silence."""


class DeviceEnd(Link):
    """Each frame that got through is asked of the device and answered at once; what is no frame is told to it as it is.

    So a reply either is there or never comes, and nobody waits for one that was lost: reads never block. A frame
    whose end was lost is closed by a zero, lest the device take its answer into the bench's next exchange. What a device
    sends unasked ends here.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._answers = bytearray()

    @property
    def url(self) -> str:
        return self._conversation.link.url

    def write(self, data: bytes) -> None:
        whole = data if data.endswith(b"\0") else data + b"\0"
        events = [event for event in Decoder(from_device=False).feed(whole) if _is_answered(event)]
        if not events:
            return self._conversation.tell(whole)
        event = events[0]
        header = event.header
        assert len(events) == 1, "a chunk of the wire holds one frame"
        assert header is not None, "what is answered has a header"
        name = type(event.message).__name__ if isinstance(event, Frame) else "a malformed request"
        self._answers += self._conversation.ask_again(Sent(header.request_id, whole), name).wire
        return None

    def read(self, timeout_s: float) -> bytes:
        answers, self._answers = bytes(self._answers), bytearray()
        return answers

    def close(self) -> None:
        """The conversation stays its owner's."""


def _is_answered(event: Frame | BadFrame) -> bool:
    return isinstance(event, Frame) or event.fault in ANSWERED
