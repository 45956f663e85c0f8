"""The device by chapter 9: standard requests, configuration, halts, reset, suspend and unplug, on the pump's own descriptors."""

import pytest

from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.composite import CONTROL, DATA, FRAMES, OPEN
from pumpbench.hil.usb.descriptors import IN, Speed
from pumpbench.hil.usb.device import DeviceGone
from pumpbench.hil.usb.parsing import string_of
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Outcome, Transfer


@pytest.fixture
def device() -> PumpDevice:
    made = PumpDevice("P1")
    made.plug()
    return made


def configured(device: PumpDevice, opened: bool = True) -> PumpDevice:
    device.control(Setup(0, setup.SET_CONFIGURATION, 1, 0, 0))
    if opened:
        device.control(Setup(1, setup.SET_INTERFACE, OPEN, FRAMES, 0))
    return device


def addresses(device: PumpDevice) -> tuple[int, int]:
    """Of the frames: in, out."""
    (whole,) = device.declared.configurations
    ends = [end for one in whole.interfaces if one.number == FRAMES for end in one.endpoints]
    return next(end.address for end in ends if end.inbound), next(end.address for end in ends if not end.inbound)


def test_descriptors_are_cut_to_what_was_asked_for(device: PumpDevice) -> None:
    asked = Setup(0x80, setup.GET_DESCRIPTOR, layouts.CONFIGURATION.number << 8, 0, 9)
    assert len(device.control(asked)) == 9
    assert device.control(asked._replace(w_length=0xFFFF)) == device.built.configurations[0]


def test_strings_are_listed_by_language_and_index(device: PumpDevice) -> None:
    def string(index: int) -> bytes:
        return device.control(Setup(0x80, setup.GET_DESCRIPTOR, layouts.STRING << 8 | index, 0x0409, 255))

    assert string(0) == b"\x04\x03\x09\x04"
    assert "P1" in [string_of(string(index)) for index in range(1, len(device.built.strings))]
    with pytest.raises(Stall):
        string(len(device.built.strings))


@pytest.mark.parametrize(("speed", "has"), [(Speed.FULL, False), (Speed.HIGH, True)])
def test_qualifier_is_for_devices_of_two_speeds_alone(speed: Speed, has: bool) -> None:
    device = PumpDevice("P1", speed)
    device.plug()
    asked = Setup(0x80, setup.GET_DESCRIPTOR, layouts.QUALIFIER.number << 8, 0, 10)
    other = Setup(0x80, setup.GET_DESCRIPTOR, layouts.OTHER_SPEED << 8, 0, 0xFFFF)
    if has:
        assert len(device.control(asked)) == 10
        # At full speed it would be the same pump, with packets of 64 bytes.
        assert device.control(other)[2:] == PumpDevice("P1").built.configurations[0][2:]
        assert device.control(other)[1] == layouts.OTHER_SPEED
        return
    for one in (asked, other):
        with pytest.raises(Stall):
            device.control(one)


def test_configuration_and_alternate_are_told_as_they_were_set(device: PumpDevice) -> None:
    assert device.control(Setup(0x80, setup.GET_CONFIGURATION, 0, 0, 1)) == b"\x00"
    configured(device)
    assert device.control(Setup(0x80, setup.GET_CONFIGURATION, 0, 0, 1)) == b"\x01"
    assert device.control(Setup(0x81, setup.GET_INTERFACE, 0, FRAMES, 1)) == bytes([OPEN])
    device.control(Setup(0, setup.SET_CONFIGURATION, 0, 0, 0))
    assert device.endpoints == {}
    assert device.holder is None


@pytest.mark.parametrize(
    "asked",
    [
        Setup(0x00, setup.SET_CONFIGURATION, 2, 0, 0),
        Setup(0x01, setup.SET_INTERFACE, 2, FRAMES, 0),
        Setup(0x01, setup.SET_INTERFACE, 0, 9, 0),
        Setup(0x81, setup.GET_INTERFACE, 0, 9, 1),
        Setup(0x81, setup.GET_STATUS, 0, 9, 2),
        Setup(0x82, setup.GET_STATUS, 0, 0x0F, 2),
        Setup(0x02, setup.SET_FEATURE, 7, 0x81, 0),
        Setup(0x02, setup.SET_FEATURE, setup.ENDPOINT_HALT, 0x0F, 0),
        Setup(0x80, setup.GET_DESCRIPTOR, 0x2200, 0, 64),
        Setup(0x80, 0x33, 0, 0, 0),
        Setup(0xC0, 1, 0, 0, 4),
        Setup(0xA1, setup.GET_LINE_CODING, 0, DATA, 7),
    ],
)
def test_request_that_means_nothing_here_is_stalled(device: PumpDevice, asked: Setup) -> None:
    configured(device)
    with pytest.raises(Stall):
        device.control(asked)


def test_halt_is_set_told_and_cleared_by_request(device: PumpDevice) -> None:
    inbound, _ = addresses(configured(device))
    status = Setup(0x82, setup.GET_STATUS, 0, inbound, 2)
    device.control(Setup(2, setup.SET_FEATURE, setup.ENDPOINT_HALT, inbound, 0))
    assert device.control(status) == b"\x01\x00"
    stalled = Transfer(inbound, size_bytes=64)
    device.submit(stalled)
    assert stalled.outcome is Outcome.STALL
    device.control(Setup(2, setup.CLEAR_FEATURE, setup.ENDPOINT_HALT, inbound, 0))
    assert device.control(status) == b"\x00\x00"
    assert device.control(status._replace(w_index=IN)) == b"\x00\x00"


def test_status_of_device_and_interface_is_plain(device: PumpDevice) -> None:
    configured(device)
    assert device.control(Setup(0x80, setup.GET_STATUS, 0, 0, 2)) == b"\x00\x00"
    assert device.control(Setup(0x81, setup.GET_STATUS, 0, CONTROL, 2)) == b"\x00\x00"


def test_reset_forgets_what_the_host_had_set_and_ends_what_waits(device: PumpDevice) -> None:
    inbound, _ = addresses(configured(device))
    device.control(Setup(0, setup.SET_ADDRESS, 7, 0, 0))
    waiting = Transfer(inbound, size_bytes=64)
    device.submit(waiting)
    device.reset()
    assert waiting.outcome is Outcome.CANCELLED
    assert (device.address, device.configuration, device.holder, device.end.attached) == (0, None, None, False)


def test_suspended_device_loses_nothing_and_moves_nothing(device: PumpDevice) -> None:
    inbound, outbound = addresses(configured(device))
    device.suspend()
    down, up = Transfer(outbound, b"to the pump"), Transfer(inbound, size_bytes=64)
    device.submit(down)
    device.submit(up)
    device.end.write(b"from the pump")
    assert (down.outcome, up.outcome, device.end.read(0)) == (None, None, b"")
    device.resume()
    assert (down.outcome, bytes(up.data), device.end.read(0)) == (Outcome.DONE, b"from the pump", b"to the pump")


def test_unplugged_device_ends_what_waits_and_answers_nothing(device: PumpDevice) -> None:
    inbound, _ = addresses(configured(device))
    waiting, late = Transfer(inbound, size_bytes=64), Transfer(inbound, size_bytes=64)
    device.submit(waiting)
    device.unplug()
    device.submit(late)
    assert (waiting.outcome, late.outcome) == (Outcome.GONE, Outcome.GONE)
    with pytest.raises(DeviceGone):
        device.control(Setup(0x80, setup.GET_STATUS, 0, 0, 2))


def test_endpoint_of_a_setting_not_in_force_takes_no_transfer(device: PumpDevice) -> None:
    inbound, _ = addresses(configured(device, opened=False))
    with pytest.raises(LookupError):
        device.submit(Transfer(inbound, size_bytes=64))


def test_cancelled_transfer_leaves_the_bytes_to_the_next(device: PumpDevice) -> None:
    inbound, _ = addresses(configured(device))
    first, second = Transfer(inbound, size_bytes=64), Transfer(inbound, size_bytes=64)
    device.submit(first)
    device.submit(second)
    device.cancel(first)
    device.cancel(first)
    device.end.write(b"kept")
    assert (first.outcome, bytes(second.data)) == (Outcome.CANCELLED, b"kept")


def test_setup_is_eight_bytes_on_the_wire() -> None:
    asked = Setup(0x80, setup.GET_DESCRIPTOR, 0x0301, 0x0409, 255)
    assert asked.pack() == bytes.fromhex("80 06 01 03 09 04 ff 00")
    assert Setup.unpack(asked.pack()) == asked
