"""What a device said in a capture, in the order of its ticks; it knows no message's meaning."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pumpbench.hil.replay.heard import Turns
from pumpbench.hil.replay.recorded import Recorded, Request
from pumpbench.protocol.frame import Frame

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows


def said(recorded: Recorded) -> "Iterator[tuple[Frame | Rows, Request | None]]":
    """Each frame with the request that it answers, None for what is unasked: that comes before the replies after its tick.

    Telemetry that was loaded as rows comes as rows, never none.
    """
    unasked = Turns(recorded.unasked.pieces())
    for request in recorded.requests:
        reply = request.reply
        for piece in unasked.take(request.tick if reply is None else reply.head[7]):
            yield piece, None
        if reply is not None:
            yield reply, request
    for piece in unasked.take():
        yield piece, None
