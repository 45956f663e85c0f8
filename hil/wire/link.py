"""A link with a faulty wire in it: therapy frames meet the faults placed on them, all else passes exact; it opens no port."""

import time
from collections.abc import Callable

from pumpbench.hil.links import INBOUND, OUTBOUND, Link
from pumpbench.hil.wire.fault import Wire
from pumpbench.hil.wire.garble import BITS_PER_BYTE_ON_LINE
from pumpbench.hil.wire.lane import Cut, Lane, Told
from pumpbench.hil.wire.units import Units, therapy_frame


class WireLink(Link):
    """The host's side of `link` behind `wire`. Bytes of an unfinished frame wait for its end.

    `told` hears of each fault before it acts. Nothing here has a clock but the pace of `wire.baud`, which `sleep` keeps.
    """

    def __init__(
        self, link: Link, wire: Wire, told: Told = lambda fault, frame: None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._link = link
        self._baud = wire.baud
        self._sleep = sleep
        cut = Cut()
        self.outbound = Lane(OUTBOUND, wire, cut, told)
        self.inbound = Lane(INBOUND, wire, cut, told)
        self._written, self._heard = Units(), Units()
        self._arrived = b""

    @property
    def url(self) -> str:
        return self._link.url

    def write(self, data: bytes) -> None:
        for chunk in self._through(self.outbound, self._written.feed(data)):
            self._link.write(chunk)

    def read(self, timeout_s: float) -> bytes:
        deadline, left_s = time.monotonic() + timeout_s, timeout_s
        while not self._arrived and (chunk := self._link.read(left_s)):
            self._arrived = b"".join(self._through(self.inbound, self._heard.feed(chunk)))
            left_s = max(0.0, deadline - time.monotonic())
        arrived, self._arrived = self._arrived, b""
        return arrived

    def close(self) -> None:
        self._link.close()

    def _through(self, lane: Lane, units: list[bytes]) -> list[bytes]:
        arrived = []
        for unit in units:
            if therapy_frame(unit) is None:
                arrived += lane.exact(unit)
                continue
            chunks = lane.pass_on(unit)
            if self._baud:
                self._sleep(sum(map(len, chunks)) * BITS_PER_BYTE_ON_LINE / self._baud)
            arrived += chunks
        return arrived
