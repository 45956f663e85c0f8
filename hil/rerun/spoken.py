"""What a device said in a capture, in the order of its ticks; it knows no message's meaning."""

from collections.abc import Iterator

from pumpbench.hil.replay.recorded import Recorded, Request
from pumpbench.protocol.frame import Frame


def frames_said(recorded: Recorded) -> Iterator[tuple[Frame, Request | None]]:
    """Each with the request that it answers, None for what is unasked: that comes before the replies after its tick."""
    unasked = iter(recorded.unasked)
    waiting = next(unasked, None)
    for request in recorded.requests:
        reply = request.reply
        while waiting is not None and (reply is None or waiting.head[7] <= reply.head[7]):
            if reply is None and waiting.head[7] > request.tick:
                break
            yield waiting, None
            waiting = next(unasked, None)
        if reply is not None:
            yield reply, request
    while waiting is not None:
        yield waiting, None
        waiting = next(unasked, None)
