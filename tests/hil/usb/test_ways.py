"""One device by every way in: what pyusb sees of it through a server is what it sees in this process."""

import errno
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import usb.core

from pumpbench.hil.links import Link, LinkLost, PortBusy, ReconnectingLink
from pumpbench.hil.links.usb import TRANSFER_BYTES
from pumpbench.hil.usb import setup
from pumpbench.hil.usb.composite import FRAMES, OPEN
from pumpbench.hil.usb.descriptors import Speed
from tests.contracts.links import EVERY_BYTE, check_link, read_exactly
from tests.hil.usb.plugged import Plugged
from tests.hil.usb.ways import FAR, WAYS
from tests.support import wait_until

by_every_way = pytest.mark.parametrize("way", list(WAYS))


@pytest.fixture
def plugged(way: str) -> Iterator[Plugged]:
    with WAYS[way]() as found:
        yield found


@pytest.fixture
def opened(plugged: Plugged) -> Any:
    """pyusb's device with a session of frames."""
    found = plugged.found()
    found.set_interface_altsetting(FRAMES, OPEN)
    return found


@by_every_way
def test_device_is_found_with_its_names_and_its_configuration(plugged: Plugged) -> None:
    found = plugged.found()
    assert (found.manufacturer, found.product, found.serial_number) == ("pumpbench", "pumpbench pump", "P1")
    assert (found.speed, found.get_active_configuration().bConfigurationValue) == (Speed.FULL, 1)


@pytest.mark.parametrize("way", list(FAR))
def test_link_by_a_server_keeps_the_contract(way: str) -> None:
    with ExitStack() as stack:

        def pair() -> tuple[Link, Link]:
            plugged = stack.enter_context(WAYS[way]())
            return plugged.link(), plugged.device.end

        check_link(pair)


@by_every_way
@pytest.mark.parametrize("speed", list(Speed))
@pytest.mark.parametrize("packets", [1, 2, 0])
def test_bytes_of_any_length_arrive_at_once_both_ways(way: str, speed: Speed, packets: int) -> None:
    """Around one packet, two, and a whole transfer of them."""
    with WAYS[way](speed) as plugged, plugged.link() as link:
        for more in (-1, 0, 1):
            data = (EVERY_BYTE * 65)[: (packets * speed.bulk_bytes or TRANSFER_BYTES) + more]
            link.write(data)
            assert read_exactly(plugged.device.end, len(data)) == data
            plugged.device.end.write(data)
            assert read_exactly(link, len(data)) == data
            assert link.read(0) == b""


@by_every_way
def test_read_that_times_out_loses_nothing_of_what_comes_later(opened: Any, plugged: Plugged) -> None:
    address = plugged.bulk(FRAMES, True)
    for count in range(20):
        with pytest.raises(usb.core.USBTimeoutError) as caught:
            opened.read(address, 64, 1)
        assert caught.value.errno == errno.ETIMEDOUT
        plugged.device.end.write(b"%02d" % count)
        assert opened.read(address, 64).tobytes() == b"%02d" % count


@by_every_way
def test_halted_endpoint_is_a_pipe_error_until_it_is_cleared(opened: Any, plugged: Plugged) -> None:
    address = plugged.bulk(FRAMES, True)
    opened.ctrl_transfer(0x02, setup.SET_FEATURE, setup.ENDPOINT_HALT, address, None)
    with pytest.raises(usb.core.USBError) as caught:
        opened.read(address, 64)
    assert caught.value.errno == errno.EPIPE
    assert opened.ctrl_transfer(0x82, setup.GET_STATUS, 0, address, 2).tobytes() == b"\x01\x00"
    opened.clear_halt(address)
    plugged.device.end.write(b"again")
    assert opened.read(address, 64).tobytes() == b"again"


@by_every_way
def test_stalled_request_is_a_pipe_error_and_the_next_one_is_answered(opened: Any) -> None:
    with pytest.raises(usb.core.USBError) as caught:
        opened.ctrl_transfer(0xC0, 99, 0, 0, 8)
    assert caught.value.errno == errno.EPIPE
    assert opened.ctrl_transfer(0x80, setup.GET_STATUS, 0, 0, 2).tobytes() == b"\x00\x00"


@by_every_way
def test_read_into_too_small_a_buffer_is_babble(opened: Any, plugged: Plugged) -> None:
    plugged.device.end.write(bytes(64))
    with pytest.raises(usb.core.USBError) as caught:
        opened.read(plugged.bulk(FRAMES, True), 10)
    assert caught.value.errno == errno.EOVERFLOW


@by_every_way
def test_suspended_device_moves_nothing_and_loses_nothing(plugged: Plugged) -> None:
    with plugged.link() as link:
        plugged.device.suspend()
        plugged.device.end.write(b"held")
        assert link.read(0.02) == b""
        plugged.device.resume()
        assert read_exactly(link, 4) == b"held"


@by_every_way
def test_reset_ends_the_session_and_leaves_a_device_that_works(opened: Any, plugged: Plugged) -> None:
    opened.reset()
    assert opened.get_active_configuration().bConfigurationValue == 1
    wait_until(lambda: plugged.device.holder is None, "the session to end")
    opened.set_interface_altsetting(FRAMES, OPEN)
    plugged.device.end.write(b"anew")
    assert opened.read(plugged.bulk(FRAMES, True), 64).tobytes() == b"anew"


@by_every_way
def test_unplugging_wakes_a_read_that_waits_and_names_what_happened(plugged: Plugged) -> None:
    with plugged.link() as link:
        told: list[str] = []

        def wait() -> None:
            with pytest.raises(LinkLost) as caught:
                link.read(20)
            told.append(str(caught.value))

        reader = threading.Thread(target=wait)
        reader.start()
        plugged.unplug()
        reader.join(20)
        assert told == ["usb:1209:0001: it was unplugged; check cable, power and that the device still runs, then reconnect"]


@by_every_way
def test_device_that_is_plugged_in_again_is_used_again(plugged: Plugged) -> None:
    with ReconnectingLink(plugged.link) as link:
        for count in range(3):
            plugged.replug()
            assert link.read(0.1) == b""
            link.write(b"here again")
            assert read_exactly(plugged.device.end, 10) == b"here again"
            assert link.reconnected_count == count + 1


@by_every_way
def test_second_link_is_busy_and_the_first_goes_on(plugged: Plugged) -> None:
    with plugged.link() as link:
        with pytest.raises(PortBusy):
            plugged.link()
        link.write(b"mine")
        assert read_exactly(plugged.device.end, 4) == b"mine"


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind() -> Iterator[None]:
    before = threading.active_count()
    yield
    wait_until(lambda: threading.active_count() <= before, "every thread to end")
