"""What may hold a replay between two requests: a clock, an end, a hand; it knows requests and no target."""

import time
from collections.abc import Callable
from typing import Final

from pumpbench.hil.replay.recorded import Request

Steer = Callable[[Request], bool]
"""Called before each request with that request; False ends the replay there."""
NS_PER_S: Final = 1_000_000_000


class AtRecordedTimes:
    """Sends each request as long after the first as it was recorded: what comes late makes nothing after it late."""

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns, sleep_s: Callable[[float], None] = time.sleep) -> None:
        self._clock_ns = clock_ns
        self._sleep_s = sleep_s
        self._offset_ns: int | None = None
        self.late_ns = 0
        """How far the farthest request fell behind."""

    def __call__(self, request: Request) -> bool:
        now_ns = self._clock_ns()
        if self._offset_ns is None:
            self._offset_ns = now_ns - request.t_ns
        due_ns = request.t_ns + self._offset_ns
        self.late_ns = max(self.late_ns, now_ns - due_ns)
        if due_ns > now_ns:
            self._sleep_s((due_ns - now_ns) / NS_PER_S)
        return True


def leads_to(request: Request) -> int:
    """The tick that a request belongs to or, where it grants time, leads to."""
    granted = getattr(request.frame.message, "target_tick", 0) if request.frame is not None else 0
    replied = 0 if request.reply is None or request.bench else request.reply.head[7]
    return max(request.tick, granted, replied)


def until(tick: int) -> Steer:
    """Ends before the first request that leads beyond `tick`."""

    def goes_on(request: Request) -> bool:
        return leads_to(request) <= tick

    return goes_on


def steered(steers: list[Steer]) -> Steer:
    """All of them, in order; the first that says no ends the replay."""

    def goes_on(request: Request) -> bool:
        return all(steer(request) for steer in steers)

    return goes_on
