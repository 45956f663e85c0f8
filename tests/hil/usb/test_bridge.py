"""A pump on a line of its own behind a USB device: bytes pass both ways whole, and the device goes where its pump goes."""

import os
import termios
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import usb.core

from pumpbench.hil.links import Link, LinkLost, MemoryLink, SerialLink, memory_pair
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.bridge import Bridge
from pumpbench.hil.usb.composite import CONTROL
from tests.contracts.links import (
    check_bytes_arrive_whole_in_any_chunks,
    check_large_transfers_pass_both_ways_at_once,
    read_exactly,
)
from tests.hil.usb.plugged import Plugged, dtr
from tests.support import require, wait_until

Bridged = tuple[Plugged, UsbLink, MemoryLink]


@pytest.fixture
def bridged() -> Iterator[Bridged]:
    """The device, a host on it, and the pump's end of its line."""
    plugged = Plugged()
    near, far = memory_pair()
    bridge = Bridge(plugged.device.end, near)
    with plugged.link() as host:
        yield plugged, host, far
    bridge.close()
    near.close()


def test_bridge_passes_every_byte_both_ways(bridged: Bridged) -> None:
    _, host, far = bridged
    check_bytes_arrive_whole_in_any_chunks(host, far)
    check_large_transfers_pass_both_ways_at_once(host, far)


def test_bridge_serves_the_next_host_when_one_leaves(bridged: Bridged) -> None:
    plugged, host, far = bridged
    host.close()
    with plugged.link() as second:
        second.write(b"and now?")
        assert read_exactly(far, 8) == b"and now?"
        far.write(b"still here")
        assert read_exactly(second, 10) == b"still here"


def test_device_goes_off_the_bus_where_its_pump_is_gone(bridged: Bridged) -> None:
    plugged, host, far = bridged
    far.close()
    wait_until(lambda: plugged.bus.attached == [], "the device to leave its bus")
    with pytest.raises(LinkLost, match="it was unplugged"):
        host.read(1)


def test_second_close_of_a_bridge_does_nothing() -> None:
    plugged = Plugged()
    near, _ = memory_pair()
    bridge = Bridge(plugged.device.end, near)
    bridge.close()
    bridge.close()
    assert not plugged.device.plugged


class Wired(Link):
    """A line that nothing is said on, and that notes what is set on it; faster than a megabaud it cannot be."""

    url = "a line"

    def __init__(self) -> None:
        self.told: list[Any] = []
        self._closed = threading.Event()

    def set_rate(self, baud: int) -> bool:
        self.told.append(baud)
        return baud <= 1_000_000

    def set_break(self, on: bool) -> bool:
        self.told.append(on)
        return True

    def read(self, timeout_s: float) -> bytes:
        self._closed.wait(timeout_s)
        return b""

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def close(self) -> None:
        self._closed.set()


@pytest.fixture
def wired() -> Iterator[tuple[Plugged, Any, Wired]]:
    plugged = Plugged()
    line = Wired()
    bridge = Bridge(plugged.device.end, line)
    yield plugged, plugged.found(), line
    bridge.close()


def set_coding(found: Any, baud: int) -> None:
    data = layouts.LINE_CODING.pack(baud, 0, 0, 8)
    found.ctrl_transfer(setup.CLASS | setup.INTERFACE, setup.SET_LINE_CODING, 0, CONTROL, data)


def send_break(found: Any, duration_ms: int) -> None:
    found.ctrl_transfer(setup.CLASS | setup.INTERFACE, setup.SEND_BREAK, duration_ms, CONTROL, None)


def test_rate_of_the_serial_port_goes_through_and_is_counted(wired: tuple[Plugged, Any, Wired]) -> None:
    plugged, found, line = wired
    set_coding(found, 57600)
    with dtr(found):
        set_coding(found, 9600)
    with plugged.link():
        set_coding(found, 300)
    with dtr(found):
        pass
    # The interface for frames has no rate of its own, and a port has its last one when it is opened again.
    assert line.told == [57600, 57600, 9600, 115200, 300]
    assert (plugged.device.coding_count, plugged.device.line_state_count) == (3, 4)


def test_rate_that_the_port_cannot_have_is_stalled_and_the_old_one_stands(wired: tuple[Plugged, Any, Wired]) -> None:
    plugged, found, _ = wired
    before = plugged.device.line_coding
    with pytest.raises(usb.core.USBError) as caught:
        set_coding(found, 2_000_000)
    assert (caught.value.errno, plugged.device.line_coding) == (32, before)


def test_break_goes_through_for_as_long_as_it_was_asked_for(wired: tuple[Plugged, Any, Wired]) -> None:
    plugged, found, line = wired
    send_break(found, 0xFFFF)
    send_break(found, 0)
    assert line.told == [True, False]
    send_break(found, 20)
    wait_until(lambda: len(line.told) == 4, "the break to end")
    assert (line.told[2:], plugged.device.break_count) == ([True, False], 2)


def test_rate_reaches_a_real_port_whose_bytes_still_pass_raw() -> None:
    require("pty")
    master, slave = os.openpty()
    plugged = Plugged()
    with SerialLink(os.ttyname(slave)) as port:
        bridge = Bridge(plugged.device.end, port)
        found = plugged.found()
        with plugged.link() as host:
            host.write(b"at first")
            assert os.read(master, 100) == b"at first"
            assert termios.tcgetattr(master)[5] == termios.B115200
        set_coding(found, 57600)
        assert termios.tcgetattr(master)[5] == termios.B57600
        with plugged.link() as host:
            os.write(master, b"\r\n\x03\x11 raw")
            assert read_exactly(host, 8) == b"\r\n\x03\x11 raw"
        send_break(found, 0xFFFF)
        bridge.close()
    os.close(master)
    os.close(slave)
