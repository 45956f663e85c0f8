"""Measures a rig's own latency and stalls with the host's clock; it judges nothing and changes no byte."""

import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

from pumpbench.hil.rig.budget import Measured


class Meter:
    """`round_trip` around what asks for no ticks, `wait` around what the target may compute at."""

    def __init__(self) -> None:
        self._trips_ns = array("Q")
        self._longest_ns = 0
        self._latest_s = 0.0

    def late(self, late_s: float) -> None:
        """How far a paced rig is behind the speed it was asked for; negative: ahead."""
        self._latest_s = max(self._latest_s, late_s)

    @contextmanager
    def wait(self) -> Iterator[None]:
        start_ns = time.monotonic_ns()
        try:
            yield
        finally:
            self._longest_ns = max(self._longest_ns, time.monotonic_ns() - start_ns)

    @contextmanager
    def round_trip(self) -> Iterator[None]:
        start_ns = time.monotonic_ns()
        yield
        took_ns = time.monotonic_ns() - start_ns
        self._trips_ns.append(took_ns)
        self._longest_ns = max(self._longest_ns, took_ns)

    def measured(self, resent_count: int, reconnected_count: int = 0) -> Measured:
        trips = sorted(self._trips_ns) or [0]
        return Measured(
            round_trips=len(self._trips_ns),
            rtt_p50_us=trips[(len(trips) - 1) // 2] // 1000,
            # By the lower rank, so that of a few dozen one odd one out decides nothing.
            rtt_p99_us=trips[99 * (len(trips) - 1) // 100] // 1000,
            stall_ms=self._longest_ns // 1_000_000,
            resent_count=resent_count,
            late_ms=int(1000 * self._latest_s),
            reconnected_count=reconnected_count,
        )
