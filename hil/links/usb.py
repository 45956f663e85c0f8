"""The host's side of a pump on USB, by pyusb: claims its interface and moves bytes; chooses no device and knows no frame."""

import contextlib
import errno
import time
from array import array
from collections.abc import Iterator
from typing import Any, Final

import usb.core
import usb.util

from pumpbench.hil.links.errors import RECONNECT, LinkError, LinkLost, LinkStalled, PortBusy, PortDenied, PortMissing
from pumpbench.hil.links.link import READ_BYTES_MAX, STALL_S, Link
from pumpbench.hil.links.usb_find import UsbName, denied_remedy, find_device, find_lane

TRANSFER_BYTES: Final = 16384
"""Many frames share one transfer; a multiple of every packet size there is."""
WAIT_MS_MIN: Final = 1
"""libusb takes 0 for "without end"."""
WAIT_MS_MAX: Final = 1000
"""A longer wait is made of several, so that each is bounded."""
DRAIN_TRANSFERS_MAX: Final = 64
TO_INTERFACE, SET_INTERFACE = 0x01, 11
LEAVING_MS: Final = 1000
TOLD: Final = {
    errno.ENODEV: "it was unplugged",
    errno.ESHUTDOWN: "it was unplugged",
    errno.EPIPE: "it halted its endpoint",
    errno.EOVERFLOW: "it sent more than a transfer takes (babble)",
}


class UsbLink(Link):
    """The bulk endpoints of one vendor interface, wherever its descriptors put them, claimed for this link alone.

    Of an interface that has its endpoints in an alternate setting, selecting that opens a session at the device, and leaving it
    ends it. `backend` None: the machine's own USB through libusb. Raises `UrlInvalid`, `PortMissing`, `PortDenied`, `PortBusy` or
    `LinkLost`; whatever a device does, nothing but `LinkError` comes out.
    """

    def __init__(self, name: UsbName, backend: Any = None, shown: str = "") -> None:
        self._url = shown or str(name)
        self._device = find_device(name, backend, self._url)
        self._open = True
        try:
            with self._told():
                self._lane = find_lane(self._device, self._url)
                self._claim()
        except BaseException:
            self._let_go()
            raise
        self._buffer = array("B", bytes(TRANSFER_BYTES))

    @property
    def url(self) -> str:
        return self._url

    def write(self, data: bytes) -> None:
        passed = 0
        while passed < len(data):
            passed += self._sent(data[passed : passed + TRANSFER_BYTES], passed)
        if data and len(data) % self._lane.packet_bytes == 0:
            # The last packet was full: only an empty one says that there is no more.
            self._sent(b"", passed)

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            left_ms = int((deadline - time.monotonic()) * 1000)
            chunk = self._received(min(WAIT_MS_MAX, max(WAIT_MS_MIN, left_ms)))
            # An empty packet ends a transfer and says nothing.
            if chunk or time.monotonic() >= deadline:
                return chunk

    def close(self) -> None:
        if self._open:
            self._open = False
            self._let_go()

    def _sent(self, chunk: bytes, passed: int) -> int:
        self._refuse_closed(passed)
        with self._told(passed):
            try:
                return int(self._device.write(self._lane.outbound, chunk, int(STALL_S * 1000)))
            except usb.core.USBTimeoutError as problem:
                what = f"took no byte for {STALL_S:g} s"
                raise LinkStalled(self._url, what, "is the firmware running and reading? reset it", passed) from problem

    def _received(self, wait_ms: int) -> bytes:
        self._refuse_closed()
        with self._told():
            try:
                count = self._device.read(self._lane.inbound, self._buffer, wait_ms)
            except usb.core.USBTimeoutError:
                return b""
            return self._buffer[:count].tobytes()

    def _claim(self) -> None:
        lane = self._lane
        try:
            usb.util.claim_interface(self._device, lane.interface)
        except usb.core.USBError as problem:
            if problem.errno == errno.EBUSY:
                remedy = "end that, or choose another device by its serial number"
                raise PortBusy(self._url, "another program or a kernel driver has claimed it", remedy) from problem
            raise
        if lane.alternate:
            self._select(lane.alternate)
        else:
            for address in (lane.inbound, lane.outbound):
                self._device.clear_halt(address)
            self._drain()

    def _select(self, alternate: int) -> None:
        try:
            self._device.set_interface_altsetting(self._lane.interface, alternate)
        except usb.core.USBError as problem:
            if problem.errno == errno.ENODEV:
                # It went in this very moment: its handle is forgotten rather than closed, see `_let_go`.
                self._device._ctx.handle = None
                self._device._ctx._claimed_intf.clear()
            # libusb has no word of its own for a device that refuses a setting.
            if problem.errno not in (None, errno.EPIPE):
                raise
            what = "it refuses a session: it has one already, as through its serial port"
            raise PortBusy(self._url, what, "close that port, or plug the device in again") from problem

    def _drain(self) -> None:
        """What a device without sessions kept for whoever was here before. Bounded: one that never stops is no quiet one."""
        for _ in range(DRAIN_TRANSFERS_MAX):
            try:
                self._device.read(self._lane.inbound, TRANSFER_BYTES, WAIT_MS_MIN)
            except usb.core.USBTimeoutError:
                return

    def _let_go(self) -> None:
        """Without a word where the device is gone already.

        The setting is left by a request of our own: libusb, up to 1.0.26, ends the whole process when a device is closed that was
        gone while libusb was asked for a setting.
        """
        lane = getattr(self, "_lane", None)
        if lane is not None and lane.alternate:
            with contextlib.suppress(usb.core.USBError, ValueError, LookupError, NotImplementedError):
                self._device.ctrl_transfer(TO_INTERFACE, SET_INTERFACE, 0, lane.interface, None, LEAVING_MS)
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            usb.util.dispose_resources(self._device)

    @contextlib.contextmanager
    def _told(self, passed: int = 0) -> Iterator[None]:
        """Whatever pyusb raises, as a kind of `LinkError`."""
        try:
            yield
        except LinkError:
            raise
        except usb.core.USBError as problem:
            if problem.errno in (errno.EACCES, errno.EPERM):
                raise PortDenied(self._url, "this user may not open it", denied_remedy(self._device)) from problem
            what = TOLD.get(problem.errno or 0, f"the transfer failed ({problem})")
            # What is no cable may know more of it.
            what += f" ({why})" if (why := getattr(problem, "why", "")) else ""
            raise LinkLost(self._url, what, RECONNECT, passed) from problem
        except (ValueError, LookupError, TypeError, NotImplementedError) as problem:
            # A device that contradicts its own descriptors leads pyusb astray.
            what = f"its descriptors do not hold together ({type(problem).__name__}: {problem})"
            raise PortMissing(self._url, what, "see that this is the pump's firmware") from problem

    def _refuse_closed(self, passed: int = 0) -> None:
        if not self._open:
            raise LinkLost(self._url, "this link was closed here", "open a new one", passed)


assert TRANSFER_BYTES <= READ_BYTES_MAX
