"""Where a pump reads and writes behind its USB device: a link that hosts come to and leave; knows no host and no packet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pumpbench.hil.links.errors import LinkError, LinkStalled
from pumpbench.hil.links.link import READ_BYTES_MAX, STALL_S, ServingLink
from pumpbench.hil.usb.transfers import OUT_ROOM_BYTES

if TYPE_CHECKING:
    from pumpbench.hil.usb.pump import PumpDevice, Uart

IN_ROOM_BYTES: Final = 65536
"""What waits for a host that does not read; then the pump waits, too."""


class End(ServingLink):
    """Closing it takes the device off its bus: there is no pump behind it any more."""

    def __init__(self, device: PumpDevice) -> None:
        self.session_count = 0
        self._device = device
        self._changed = device.changed
        self._waiting = bytearray()
        self._closed = False

    @property
    def url(self) -> str:
        return f"usb device {self._device.declared.serial}"

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def attached(self) -> bool:
        return self._device.holder is not None

    def wire_to(self, uart: Uart) -> None:
        """What a host sets on the serial port holds for this from now on, too."""
        self._device.uart = uart

    def arrived(self, data: bytes) -> bool:
        """Called by an endpoint; False: no room now."""
        if len(self._waiting) + len(data) > OUT_ROOM_BYTES:
            return False
        self._waiting += data
        self._changed.notify_all()
        return True

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._waiting:
                self._refuse_closed()
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    break
            chunk = bytes(self._waiting[:READ_BYTES_MAX])
            del self._waiting[: len(chunk)]
            if chunk:
                self._let_in()
            return chunk

    def write(self, data: bytes) -> None:
        passed = 0
        with self._changed:
            self._refuse_closed()
            while passed < len(data):
                inbound = self._device.inbound
                if inbound is None:
                    return  # nobody is there
                taken = data[passed : passed + max(0, IN_ROOM_BYTES - len(inbound.held))]
                inbound.held += taken
                passed += len(taken)
                if not self._device.suspended:
                    inbound.serve()
                if not taken and not self._changed.wait(STALL_S):
                    raise LinkStalled(self.url, f"its host took no byte for {STALL_S:g} s", "see why it does not read", passed)

    def close(self) -> None:
        with self._changed:
            if not self._closed:
                self._closed = True
                self._device.unplug()
                self._changed.notify_all()

    def _let_in(self) -> None:
        """There is room again for a host that waits to send."""
        if not self._device.suspended:
            for endpoint in list(self._device.endpoints.values()):
                endpoint.serve()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise LinkError(self.url, "this link was closed here", "open a new one")
