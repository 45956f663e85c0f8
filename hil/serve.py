"""Serves a device on a link in free run, at real or scaled speed; it knows time and bytes, and nothing of the pump."""

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import LinkError, ServingLink
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_SECOND

IDLE_S: Final = 0.05
"""How long a stop, or an idle device, may go unnoticed."""
BURST_TICKS: Final = 6_000
"""Ticks run between two looks at the link when time is not kept."""
SLICE_TICKS: Final = TICKS_PER_DAY
"""Of a credit, run between two looks at the link: half a second of work where every step counts, mostly a thousandth of it."""
WAITING_MAX: Final = 1_000
"""Frames that may wait for a credit to end; more stay in the link, which then stalls its writer."""


class Server:
    """One device for one host after another. `speed`: ticks per pump tick of real time, None: as fast as it goes.

    Armed, the device runs by credits only, which an abort ends wherever they lead; disarmed, its time starts anew from
    then. A tick that comes more than one tick late is still run, and counted in the device's `late_tick_count`.
    """

    def __init__(
        self, device: Device, link: ServingLink, speed: float | None = 1, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.device = device
        self.link = link
        self._period_s = None if speed is None else 1 / (TICKS_PER_SECOND * speed)
        self._clock_s = clock_s
        self._stopped = threading.Event()
        self._start_s = clock_s()
        self._run_ticks = 0

    def stop(self) -> None:
        """From any thread; `run` returns soon after."""
        self._stopped.set()

    def run(self) -> None:
        """Serves until `stop`; returns also when the link itself is gone."""
        self._restart_time()
        try:
            while not self._stopped.is_set():
                self.once()
        except LinkError:
            if not self._stopped.is_set():
                raise

    def once(self) -> None:
        """Runs the ticks that are due, then answers what arrives until the next one is."""
        if self.device.armed:
            self._answer(0 if self.device.busy else IDLE_S)
            self._restart_time()
            return
        self._send(self.device.advance(self._due_ticks()))
        self._answer(self._wait_s())

    def _restart_time(self) -> None:
        self._start_s = self._clock_s()
        self._run_ticks = 0

    def _due_ticks(self) -> int:
        if self._period_s is None:
            return BURST_TICKS
        due = math.floor((self._clock_s() - self._start_s) / self._period_s) - self._run_ticks
        self._run_ticks += due
        self.device.counters.late_tick_count += max(0, due - 1)
        return due

    def _wait_s(self) -> float:
        if self._period_s is None:
            return 0
        next_s = self._start_s + (self._run_ticks + 1) * self._period_s
        return min(IDLE_S, max(0.0, next_s - self._clock_s()))

    def _answer(self, wait_s: float) -> None:
        if self.device.waiting_count < WAITING_MAX:
            self.device.push(self.link.read(wait_s))
        self._send(self.device.work(SLICE_TICKS))

    def _send(self, data: bytes) -> None:
        if data:
            self.link.write(data)
