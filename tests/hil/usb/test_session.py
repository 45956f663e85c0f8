"""One session at a time through two interfaces: who opens first has the pump, and its end is seen however it comes."""

from collections.abc import Iterator
from typing import Any

import pytest
import usb.core
import usb.util

from pumpbench.hil.links import PortBusy
from pumpbench.hil.usb import setup
from pumpbench.hil.usb.composite import CONTROL, DATA, FRAMES, OPEN
from pumpbench.hil.usb.setup import CLASS, DTR, INTERFACE, TO_HOST
from tests.contracts.links import read_exactly
from tests.hil.usb.plugged import Plugged, dtr, raise_dtr
from tests.hil.usb.ways import WAYS

TO_INTERFACE = CLASS | INTERFACE


@pytest.fixture(params=list(WAYS))
def plugged(request: pytest.FixtureRequest) -> Iterator[Plugged]:
    with WAYS[request.param]() as found:
        yield found


def test_link_is_busy_while_the_serial_port_is_open(plugged: Plugged) -> None:
    found = plugged.found()
    with dtr(found):
        assert plugged.device.holder == CONTROL
        with pytest.raises(PortBusy, match="it refuses a session: it has one already"):
            plugged.link()
        assert plugged.device.holder == CONTROL
    with plugged.link() as link:
        link.write(b"mine now")
        assert read_exactly(plugged.device.end, 8) == b"mine now"


def test_serial_port_is_stalled_while_the_link_is_open(plugged: Plugged) -> None:
    found = plugged.found()
    with plugged.link() as link:
        with pytest.raises(usb.core.USBError) as caught:
            raise_dtr(found, True)
        assert caught.value.errno == 32
        usb.util.claim_interface(found, DATA)
        with pytest.raises(usb.core.USBError, match="Pipe error"):
            found.write(plugged.bulk(DATA, False), b"not mine")
        link.write(b"still mine")
        assert read_exactly(plugged.device.end, 10) == b"still mine"
    raise_dtr(found, True)
    found.write(plugged.bulk(DATA, False), b"at last")
    assert read_exactly(plugged.device.end, 7) == b"at last"


def test_serial_port_takes_nothing_before_it_is_opened(plugged: Plugged) -> None:
    found = plugged.found()
    with pytest.raises(usb.core.USBError, match="Pipe error"):
        found.write(plugged.bulk(DATA, False), b"too early")
    assert plugged.device.end.read(0) == b""


def test_serial_port_carries_bytes_both_ways_packet_by_packet(plugged: Plugged) -> None:
    found = plugged.found()
    with dtr(found):
        # A kernel's driver sends no empty packet after a full one.
        found.write(plugged.bulk(DATA, False), bytes(64))
        assert read_exactly(plugged.device.end, 64) == bytes(64)
        plugged.device.end.write(b"reply")
        assert found.read(plugged.bulk(DATA, True), 64).tobytes() == b"reply"


def test_serial_port_tells_that_the_pump_is_there(plugged: Plugged) -> None:
    found = plugged.found()
    address = plugged.endpoints(CONTROL)[0].address
    raise_dtr(found, True)
    assert found.read(address, 16).tobytes() == bytes.fromhex("a1 20 00 00 01 00 02 00 03 00")
    raise_dtr(found, False)
    assert found.read(address, 16)[-2] == 0


def test_line_coding_is_kept_as_it_was_set(plugged: Plugged) -> None:
    found = plugged.found()
    asked = (TO_HOST | TO_INTERFACE, setup.GET_LINE_CODING, 0, CONTROL)
    assert found.ctrl_transfer(*asked, 7).tobytes() == bytes.fromhex("00 c2 01 00 00 00 08")
    coding = bytes.fromhex("00 e1 00 00 00 02 08")
    found.ctrl_transfer(TO_INTERFACE, setup.SET_LINE_CODING, 0, CONTROL, coding)
    assert found.ctrl_transfer(*asked, 7).tobytes() == coding
    with pytest.raises(usb.core.USBError):
        found.ctrl_transfer(TO_INTERFACE, setup.SET_LINE_CODING, 0, CONTROL, coding[:6])


def test_break_is_counted_and_moves_nothing(plugged: Plugged) -> None:
    plugged.found().ctrl_transfer(TO_INTERFACE, setup.SEND_BREAK, 0xFFFF, CONTROL, None)
    assert (plugged.device.break_count, plugged.device.holder) == (1, None)


def test_raising_dtr_twice_is_one_session(plugged: Plugged) -> None:
    found = plugged.found()
    for state in (DTR, DTR, DTR | setup.RTS):
        found.ctrl_transfer(TO_INTERFACE, setup.SET_CONTROL_LINE_STATE, state, CONTROL, None)
    assert plugged.device.end.session_count == 1


def test_next_host_finds_nothing_of_the_last_ones_session(plugged: Plugged) -> None:
    with plugged.link() as link:
        plugged.device.end.write(b"unread")
        link.write(bytes(3))
    plugged.device.end.write(b"to nobody")
    with plugged.link() as link:
        plugged.device.end.write(b"fresh")
        assert read_exactly(link, 5) == b"fresh"
        assert plugged.device.end.session_count == 2


def test_next_opener_of_the_serial_port_finds_nothing_of_the_last_ones_session(plugged: Plugged) -> None:
    found = plugged.found()
    with dtr(found):
        plugged.device.end.write(b"unread")
    with dtr(found):
        plugged.device.end.write(b"fresh")
        assert found.read(plugged.bulk(DATA, True), 64).tobytes() == b"fresh"


def unplug(plugged: Plugged, found: Any) -> None:
    plugged.unplug()


def kill(plugged: Plugged, found: Any) -> None:
    """A host that dies closes its handles and says nothing more."""
    found.backend.close_device(found._ctx.handle)


def reset(plugged: Plugged, found: Any) -> None:
    found.reset()


def unconfigure(plugged: Plugged, found: Any) -> None:
    usb.util.release_interface(found, FRAMES)
    found.set_configuration(0)


@pytest.mark.parametrize("end", [unplug, kill, reset, unconfigure])
def test_session_of_frames_ends_with_its_host(plugged: Plugged, end: Any) -> None:
    found = plugged.found()
    found.set_interface_altsetting(FRAMES, OPEN)
    assert plugged.device.end.attached
    end(plugged, found)
    assert not plugged.device.end.attached


@pytest.mark.parametrize("end", [unplug, reset])
def test_session_of_the_serial_port_ends_with_the_bus(plugged: Plugged, end: Any) -> None:
    found = plugged.found()
    raise_dtr(found, True)
    assert plugged.device.end.attached
    end(plugged, found)
    assert not plugged.device.end.attached


def test_pump_that_ends_takes_its_device_off_the_bus(plugged: Plugged) -> None:
    plugged.device.end.close()
    assert plugged.bus.attached == []
