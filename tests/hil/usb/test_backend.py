"""The backend as pyusb sees it: what it finds, what it claims, and every error as libusb would raise it."""

import errno
from array import array
from typing import Any

import pytest
import usb.core
import usb.util

from pumpbench.hil.usb import setup
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import DATA, FRAMES, OPEN
from pumpbench.hil.usb.descriptors import Speed
from pumpbench.hil.usb.pump import PumpDevice
from tests.hil.usb.plugged import HELD_BYTES, Plugged


@pytest.fixture
def plugged() -> Plugged:
    return Plugged()


@pytest.fixture
def opened(plugged: Plugged) -> Any:
    """pyusb's device with a session of frames."""
    found = plugged.found()
    found.set_interface_altsetting(FRAMES, OPEN)
    return found


def raised(call: Any, *arguments: Any) -> Any:
    """What a call fails with."""
    with pytest.raises(usb.core.USBError) as caught:
        call(*arguments)
    return caught.value


def test_device_is_found_with_its_names_and_its_speed() -> None:
    found = Plugged(Speed.HIGH).found()
    assert (found.manufacturer, found.product, found.serial_number) == ("pumpbench", "pumpbench pump", "P1")
    assert (found.speed, found.langids, found.port_numbers) == (usb.util.SPEED_HIGH, (0x0409,), (found.address,))
    assert found.parent is None
    assert "pump serial port" not in str(found)  # of an association: pyusb shows none, and must not stumble over one
    assert "pump frames" in str(found)


def test_device_is_configured_by_the_bus_as_by_a_kernel(plugged: Plugged) -> None:
    assert plugged.found().get_active_configuration().bConfigurationValue == 1


def test_read_times_out_with_the_error_for_it(opened: Any, plugged: Plugged) -> None:
    with pytest.raises(usb.core.USBTimeoutError) as caught:
        opened.read(plugged.bulk(FRAMES, True), 64, 5)
    assert caught.value.errno == errno.ETIMEDOUT


def test_write_cut_off_by_its_time_tells_how_much_had_passed(opened: Any, plugged: Plugged) -> None:
    address = plugged.bulk(FRAMES, False)
    assert opened.write(address, bytes(1 << 17), 20) == HELD_BYTES
    with pytest.raises(usb.core.USBTimeoutError):
        opened.write(address, b"no room", 5)


def test_halted_endpoint_is_a_pipe_error_until_it_is_cleared(opened: Any, plugged: Plugged) -> None:
    address = plugged.bulk(FRAMES, True)
    opened.ctrl_transfer(0x02, setup.SET_FEATURE, setup.ENDPOINT_HALT, address, None)
    error = raised(opened.read, address, 64)
    assert (error.errno, error.backend_error_code, error.strerror) == (errno.EPIPE, -9, "Pipe error")
    opened.clear_halt(address)
    plugged.device.end.write(b"again")
    assert opened.read(address, 64).tobytes() == b"again"


def test_stalled_request_is_a_pipe_error(opened: Any) -> None:
    assert raised(opened.ctrl_transfer, 0xC0, 99, 0, 0, 8).errno == errno.EPIPE


def test_setting_that_is_stalled_has_no_errno_as_under_libusb(plugged: Plugged) -> None:
    plugged.device.control(setup.Setup(0x21, setup.SET_CONTROL_LINE_STATE, setup.DTR, 1, 0))
    error = raised(plugged.found().set_interface_altsetting, FRAMES, OPEN)
    assert (error.errno, error.backend_error_code) == (None, -99)


def test_unplugged_device_is_no_device_for_whoever_has_it_open(opened: Any, plugged: Plugged) -> None:
    plugged.bus.unplug(plugged.device)
    address = plugged.bulk(FRAMES, True)
    for call, arguments in (
        (opened.read, (address, 64)),
        (opened.write, (plugged.bulk(FRAMES, False), b"x")),
        (opened.ctrl_transfer, (0x80, setup.GET_STATUS, 0, 0, 2)),
        (opened.clear_halt, (address,)),
        (opened.is_kernel_driver_active, (FRAMES,)),
        (usb.util.claim_interface, (opened, DATA)),
    ):
        assert raised(call, *arguments).errno == errno.ENODEV
    usb.util.dispose_resources(opened)
    assert raised(opened.ctrl_transfer, 0x80, setup.GET_STATUS, 0, 0, 2).errno == errno.ENODEV
    assert plugged.found() is None


def test_old_handle_stays_dead_when_the_device_is_plugged_in_again(opened: Any, plugged: Plugged) -> None:
    plugged.replug()
    assert raised(opened.read, plugged.bulk(FRAMES, True), 64).errno == errno.ENODEV
    assert plugged.found().address != opened.address


def test_interface_is_claimed_by_one_handle_at_a_time(opened: Any, plugged: Plugged) -> None:
    second = plugged.found()
    assert raised(usb.util.claim_interface, second, FRAMES).errno == errno.EBUSY
    assert raised(second.set_configuration, 1).errno == errno.EBUSY
    usb.util.dispose_resources(opened)
    usb.util.claim_interface(second, FRAMES)
    second.set_interface_altsetting(FRAMES, OPEN)


def test_interface_that_is_not_there_cannot_be_claimed_or_released(plugged: Plugged) -> None:
    found = plugged.found()
    assert raised(usb.util.claim_interface, found, 9).errno == errno.ENOENT
    backend = plugged.backend
    handle = backend.open_device(next(backend.enumerate_devices()))
    assert raised(backend.release_interface, handle, FRAMES).errno == errno.ENOENT
    assert raised(backend.bulk_read, handle, 0x81, FRAMES, array("B", bytes(64)), 5).errno == errno.ENOENT
    assert raised(backend.detach_kernel_driver, handle, FRAMES).errno == errno.ENOENT
    assert raised(backend.attach_kernel_driver, handle, FRAMES).errno == errno.ENOENT
    assert not backend.is_kernel_driver_active(handle, FRAMES)


def test_endpoint_of_a_closed_setting_is_an_io_error(plugged: Plugged) -> None:
    backend = plugged.backend
    handle = backend.open_device(next(backend.enumerate_devices()))
    backend.claim_interface(handle, FRAMES)
    assert raised(backend.bulk_read, handle, plugged.bulk(FRAMES, True), FRAMES, array("B", bytes(64)), 5).errno == errno.EIO


def test_reset_keeps_address_and_configuration_and_ends_the_session(opened: Any, plugged: Plugged) -> None:
    opened.reset()
    assert plugged.device.address == opened.address
    assert opened.get_active_configuration().bConfigurationValue == 1
    assert plugged.device.holder is None
    opened.set_interface_altsetting(FRAMES, OPEN)


def test_devices_of_one_bus_have_addresses_of_their_own() -> None:
    bus = Bus()
    for serial in ("A", "B", "C"):
        bus.plug(PumpDevice(serial))
    found = list(usb.core.find(find_all=True, backend=InProcessBackend(bus)))
    assert [one.serial_number for one in found] == ["A", "B", "C"]
    assert len({one.address for one in found}) == 3
