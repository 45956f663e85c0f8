"""A pump on a line of its own behind a USB device: bytes pass both ways whole, and the device goes where its pump goes."""

from collections.abc import Iterator

import pytest

from pumpbench.hil.links import LinkLost, MemoryLink, memory_pair
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.usb.bridge import Bridge
from tests.contracts.links import (
    check_bytes_arrive_whole_in_any_chunks,
    check_large_transfers_pass_both_ways_at_once,
    read_exactly,
)
from tests.hil.usb.plugged import Plugged
from tests.support import wait_until

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
