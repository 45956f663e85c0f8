"""Puts a pump on any other link behind a USB device, as the probe on a development board does; reads no byte of it.

What a host sets on the device's serial port goes through to a port behind it as far as probes let it: the rate and breaks. DTR
opens the session and goes no further, for on some boards it is a reset; bits, parity and stop bits stay 8N1, as the wire is.
"""

import threading
from typing import Final

from pumpbench.hil.links.errors import LinkError
from pumpbench.hil.links.link import Link
from pumpbench.hil.usb.end import End
from pumpbench.hil.usb.pump import Uart

LOOK_S: Final = 0.05


class Bridge:
    """Carries bytes both ways until `close`, or until either side fails: then the device goes off its bus."""

    def __init__(self, end: End, behind: Link) -> None:
        self._end = end
        self._behind = behind
        self._stopped = threading.Event()
        if isinstance(behind, Uart):
            end.wire_to(behind)
        lanes: tuple[tuple[Link, Link], ...] = ((end, behind), (behind, end))
        self._threads = [
            threading.Thread(target=self._carry, args=lane, name=f"bridges {end.url}", daemon=True) for lane in lanes
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends the USB side; the link behind is its owner's to close."""
        self._stopped.set()
        self._end.close()
        for thread in self._threads:
            thread.join()

    def _carry(self, source: Link, sink: Link) -> None:
        try:
            while not self._stopped.is_set():
                if chunk := source.read(LOOK_S):
                    sink.write(chunk)
        except LinkError:
            # Whichever side it was, a pump that cannot be spoken to is no device any more.
            self._end.close()
