"""A pump that is pulled while a link to it begins or ends: libusb 1.0.26 ends the process where it is closed after a setting."""

import pytest

from pumpbench.hil.links import LinkLost
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.links.usb_find import UsbName
from pumpbench.hil.usb.backend import NO_DEVICE, Handle, InProcessBackend, failed
from tests.hil.usb.plugged import Plugged

ANY = UsbName(0x1209, 0x0001)


class Aborting(InProcessBackend):
    """As libusb 1.0.26: who asks a device that is gone for a setting must never close it."""

    spoilt = False
    goes_at_once = False

    def set_interface_altsetting(self, dev_handle: Handle, intf: int, altsetting: int) -> None:
        if self.goes_at_once:
            self.bus.unplug(dev_handle.attachment.device)
        if dev_handle.attachment.gone:
            self.spoilt = True
            raise failed(NO_DEVICE)
        super().set_interface_altsetting(dev_handle, intf, altsetting)

    def close_device(self, dev_handle: Handle) -> None:
        assert not self.spoilt, "libusb would have aborted here"
        super().close_device(dev_handle)


def test_link_to_a_pump_that_is_pulled_is_closed_without_a_word() -> None:
    plugged = Plugged()
    link = UsbLink(ANY, Aborting(plugged.bus))
    plugged.bus.unplug(plugged.device)
    link.close()
    assert not plugged.device.end.attached


def test_pump_that_goes_while_its_session_is_opened_is_named() -> None:
    plugged = Plugged()
    backend = Aborting(plugged.bus)
    backend.goes_at_once = True
    with pytest.raises(LinkLost, match="usb:1209:0001: it was unplugged"):
        UsbLink(ANY, backend)
    assert backend.spoilt
