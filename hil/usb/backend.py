"""A pyusb backend that serves the devices of a bus in this process: no kernel, no root, no cable; knows no pump."""

import errno
from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import usb.backend
import usb.core

from pumpbench.hil.usb import setup
from pumpbench.hil.usb.bus import Attachment, Bus
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.parsing import ConfigurationTree, Record
from pumpbench.hil.usb.rules import DescriptorInvalid
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer


class Failure(NamedTuple):
    """What libusb says: its own number, the system's where it has one, and the words."""

    code: int
    errno: int | None
    words: str


IO: Final = Failure(-1, errno.EIO, "Input/Output Error")
NO_DEVICE: Final = Failure(-4, errno.ENODEV, "No such device (it may have been disconnected)")
NOT_FOUND: Final = Failure(-5, errno.ENOENT, "Entity not found")
BUSY: Final = Failure(-6, errno.EBUSY, "Resource busy")
TIMEOUT: Final = Failure(-7, errno.ETIMEDOUT, "Operation timed out")
OVERFLOW: Final = Failure(-8, errno.EOVERFLOW, "Overflow")
PIPE: Final = Failure(-9, errno.EPIPE, "Pipe error")
OTHER: Final = Failure(-99, None, "Other error")
OUTCOMES: Final = {Outcome.STALL: PIPE, Outcome.BABBLE: OVERFLOW, Outcome.GONE: NO_DEVICE, Outcome.CANCELLED: IO}


class Handle:
    """An opened device; whoever closes it lets its interfaces go."""

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment


class InProcessBackend(usb.backend.IBackend):  # type: ignore[misc]
    """Errors are those libusb gives on Linux for the same, so that one link serves both.

    No kernel takes part: there are no kernel drivers, and no isochronous transfers.
    """

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self.bus = bus

    def enumerate_devices(self) -> Iterator[Attachment]:
        return iter(self.bus.attached)

    def get_parent(self, dev: Attachment) -> None:
        return None

    def get_device_descriptor(self, dev: Attachment) -> Record:
        where = SimpleNamespace(bus=0, address=dev.address, port_number=dev.port, port_numbers=(dev.port,))
        return SimpleNamespace(**vars(dev.record), **vars(where), speed=int(dev.device.speed))

    def get_configuration_descriptor(self, dev: Attachment, config: int) -> Record:
        return self._tree(dev, config).record

    def get_interface_descriptor(self, dev: Attachment, intf: int, alt: int, config: int) -> Record:
        return self._tree(dev, config).interfaces[intf][alt]

    def get_endpoint_descriptor(self, dev: Attachment, ep: int, intf: int, alt: int, config: int) -> Record:
        return self._tree(dev, config).interfaces[intf][alt].endpoints[ep]

    def open_device(self, dev: Attachment) -> Handle:
        self._check_there(dev)
        return Handle(dev)

    def close_device(self, dev_handle: Handle) -> None:
        for number, owner in list(dev_handle.attachment.claims.items()):
            if owner is dev_handle:
                self._let_go(dev_handle.attachment, number)

    def get_configuration(self, dev_handle: Handle) -> int:
        answer = self._ask(dev_handle, Setup(0x80, setup.GET_CONFIGURATION, 0, 0, 1))
        if not answer:
            raise failed(IO)
        return answer[0]

    def set_configuration(self, dev_handle: Handle, config_value: int) -> None:
        if dev_handle.attachment.claims:
            raise failed(BUSY)
        self._ask(dev_handle, Setup(0x00, setup.SET_CONFIGURATION, config_value, 0, 0), OTHER)

    def claim_interface(self, dev_handle: Handle, intf: int) -> None:
        attachment = dev_handle.attachment
        self._check_there(attachment)
        if intf not in attachment.alternates:
            raise failed(NOT_FOUND)
        if attachment.claims.setdefault(intf, dev_handle) is not dev_handle:
            raise failed(BUSY)

    def release_interface(self, dev_handle: Handle, intf: int) -> None:
        if dev_handle.attachment.claims.get(intf) is not dev_handle:
            raise failed(NOT_FOUND)
        self._let_go(dev_handle.attachment, intf)

    def set_interface_altsetting(self, dev_handle: Handle, intf: int, altsetting: int) -> None:
        self._check_claimed(dev_handle, intf)
        self._ask(dev_handle, Setup(0x01, setup.SET_INTERFACE, altsetting, intf, 0), OTHER)

    def bulk_write(self, dev_handle: Handle, ep: int, intf: int, data: "array[int]", timeout: int) -> int:
        self._check_claimed(dev_handle, intf)
        return self._carried(dev_handle, Transfer(ep, data.tobytes()), timeout).passed

    def bulk_read(self, dev_handle: Handle, ep: int, intf: int, buff: "array[int]", timeout: int) -> int:
        self._check_claimed(dev_handle, intf)
        transfer = self._carried(dev_handle, Transfer(ep, size_bytes=len(buff) * buff.itemsize), timeout)
        memoryview(buff).cast("B")[: transfer.passed] = transfer.data
        return transfer.passed

    # To a device the kind of an endpoint is a matter of when it is asked, and here it is asked at once.
    intr_write = bulk_write
    intr_read = bulk_read

    def ctrl_transfer(
        self, dev_handle: Handle, bmRequestType: int, bRequest: int, wValue: int, wIndex: int, data: "array[int]", timeout: int
    ) -> int:
        length = len(data) * data.itemsize
        asked = Setup(bmRequestType, bRequest, wValue, wIndex, length)
        answer = self._ask(dev_handle, asked, sent=b"" if asked.to_host else data.tobytes())
        if not asked.to_host:
            return length
        memoryview(data).cast("B")[: len(answer)] = answer
        return len(answer)

    def clear_halt(self, dev_handle: Handle, ep: int) -> None:
        self._ask(dev_handle, Setup(0x02, setup.CLEAR_FEATURE, setup.ENDPOINT_HALT, ep, 0), OTHER)

    def reset_device(self, dev_handle: Handle) -> None:
        """And puts back its address and configuration, as a kernel does."""
        attachment = dev_handle.attachment
        value = self.get_configuration(dev_handle)
        attachment.device.reset()
        self._ask(dev_handle, Setup(0, setup.SET_ADDRESS, attachment.address, 0, 0))
        attachment.configure(value)

    def is_kernel_driver_active(self, dev_handle: Handle, intf: int) -> bool:
        self._check_there(dev_handle.attachment)
        return False

    def detach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        raise failed(NOT_FOUND)

    def attach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        raise failed(NOT_FOUND)

    def _tree(self, dev: Attachment, index: int) -> ConfigurationTree:
        if index >= len(dev.configurations):
            raise IndexError(f"no configuration {index}")
        try:
            return ConfigurationTree(dev.configurations[index])
        except DescriptorInvalid as problem:
            raise usb.core.USBError(f"{IO.words} ({problem})", IO.code, IO.errno) from problem

    def _ask(self, handle: Handle, asked: Setup, refused: Failure = PIPE, sent: bytes = b"") -> bytes:
        try:
            return handle.attachment.ask(asked, sent)
        except DeviceGone:
            raise failed(NO_DEVICE, handle.attachment.device.broken) from None
        except Stall:
            raise failed(refused) from None

    def _carried(self, handle: Handle, transfer: Transfer, timeout_ms: int) -> Transfer:
        """Ended, or cut off at its time with what had passed by then. 0 ms: for as long as it takes."""
        device = handle.attachment.device
        try:
            device.submit(transfer)
        except LookupError:
            raise failed(IO) from None
        if not transfer.wait(timeout_ms / 1000 if timeout_ms else None):
            device.cancel(transfer)
            if transfer.outcome is Outcome.CANCELLED:
                if transfer.passed:
                    return transfer
                raise failed(TIMEOUT)
        if transfer.outcome is not Outcome.DONE:
            assert transfer.outcome is not None, "it has ended"
            raise failed(OUTCOMES[transfer.outcome], handle.attachment.device.broken)
        return transfer

    def _check_there(self, attachment: Attachment) -> None:
        if attachment.gone or not attachment.device.plugged:
            raise failed(NO_DEVICE, attachment.device.broken)

    def _check_claimed(self, handle: Handle, number: int) -> None:
        self._check_there(handle.attachment)
        if handle.attachment.claims.get(number) is not handle:
            raise failed(NOT_FOUND)

    def _let_go(self, attachment: Attachment, number: int) -> None:
        """Linux puts an interface that is let go back to its first setting, also where its owner was killed."""
        del attachment.claims[number]
        if attachment.alternates.get(number):
            try:
                attachment.ask(Setup(0x01, setup.SET_INTERFACE, 0, number, 0))
            except (DeviceGone, Stall):
                return


def failed(failure: Failure, why: str = "") -> Exception:
    """As pyusb raises it, but for `why`, which no libusb knows."""
    kind = usb.core.USBTimeoutError if failure is TIMEOUT else usb.core.USBError
    error: Any = kind(failure.words, failure.code, failure.errno)
    error.why = why
    assert isinstance(error, Exception)
    return error
