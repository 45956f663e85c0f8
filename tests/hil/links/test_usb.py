"""What a link over USB adds to the contract: which device, whose it is, packets and their ends, unplugging, rights."""

import errno
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import usb.core

from pumpbench.hil.links import LinkError, LinkLost, PortBusy, PortDenied, PortMissing, ReconnectingLink, UrlInvalid
from pumpbench.hil.links.usb import TRANSFER_BYTES, UsbLink
from pumpbench.hil.links.usb_find import UsbName, find_lane
from pumpbench.hil.ports import Port
from pumpbench.hil.usb.backend import Handle, InProcessBackend
from pumpbench.hil.usb.bus import Attachment
from pumpbench.hil.usb.composite import FRAMES
from pumpbench.hil.usb.descriptors import Speed
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.transfers import Transfer
from pumpbench.hil.usb_ports import pumps
from tests.contracts.links import EVERY_BYTE, check_link, read_exactly
from tests.hil.usb.plugged import ANY, Plugged
from tests.support import ROOT

RULES = (ROOT / "hil" / "60-pumpbench.rules").read_text()


@pytest.fixture
def plugged() -> Plugged:
    return Plugged()


def carried(device: PumpDevice) -> list[Transfer]:
    """Every transfer that goes to the device from now on."""
    seen: list[Transfer] = []
    real = device.submit

    def submit(transfer: Transfer) -> None:
        seen.append(transfer)
        real(transfer)

    device.submit = submit  # type: ignore[method-assign]
    return seen


@pytest.mark.parametrize("text", ["1209:0001", "1209:0001:P1", "1209:0001:A:B-7"])
def test_name_of_a_device_is_written_as_it_is_read(text: str) -> None:
    assert str(UsbName.parse(text)) == f"usb:{text}"


@pytest.mark.parametrize("text", ["", "1209", "1209:1", "120g:0001", "1209:0001:", "1209-0001"])
def test_name_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as usb:1209:0001"):
        UsbName.parse(text)


def test_devices_of_one_kind_are_told_apart_by_serial_number(plugged: Plugged) -> None:
    second = PumpDevice("P2")
    plugged.bus.plug(second)
    with pytest.raises(UrlInvalid, match=r"2 such devices.*usb:1209:0001:P1, usb:1209:0001:P2"):
        plugged.link()
    with plugged.link(ANY._replace(serial="p2")) as link:
        link.write(b"to the second")
        assert read_exactly(second.end, 13) == b"to the second"
        assert not plugged.device.end.attached
    with pytest.raises(PortMissing, match="seen: P1, P2"):
        plugged.link(ANY._replace(serial="P3"))


def test_device_that_is_not_there_is_missing_and_nothing_stands_in(plugged: Plugged) -> None:
    plugged.bus.unplug(plugged.device)
    with pytest.raises(PortMissing, match="no such device"):
        plugged.link()
    with pytest.raises(PortMissing, match="no such device"):
        plugged.link(UsbName(0x1209, 0x0002))


def test_link_is_busy_where_another_has_claimed_the_interface(plugged: Plugged) -> None:
    with plugged.link() as first:
        with pytest.raises(PortBusy, match="another program or a kernel driver has claimed it"):
            plugged.link()
        first.write(b"mine")
        assert read_exactly(plugged.device.end, 4) == b"mine"
    plugged.link().close()


@pytest.mark.parametrize("speed", list(Speed))
@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("packets", [1, 2, 0])
def test_bytes_of_any_length_arrive_at_once_both_ways(speed: Speed, packets: int, more: int) -> None:
    """Around one packet, two, and a whole transfer of them."""
    plugged = Plugged(speed)
    data = (EVERY_BYTE * 65)[: (packets * speed.bulk_bytes or TRANSFER_BYTES) + more]
    with plugged.link() as link:
        link.write(data)
        assert read_exactly(plugged.device.end, len(data)) == data
        plugged.device.end.write(data)
        assert read_exactly(link, len(data)) == data
        assert link.read(0) == b""


def test_empty_packet_follows_a_write_of_full_packets_alone(plugged: Plugged) -> None:
    with plugged.link() as link:
        seen = carried(plugged.device)
        link.write(bytes(64))
        link.write(bytes(65))
        link.write(b"")
        assert [len(one.data) for one in seen] == [64, 0, 65]


def test_many_frames_share_one_transfer(plugged: Plugged) -> None:
    with plugged.link() as link:
        for _ in range(100):
            plugged.device.end.write(bytes(70))
        seen = carried(plugged.device)
        assert len(link.read(1)) == 7000
        assert len(seen) == 1
        assert seen[0].size_bytes == TRANSFER_BYTES


def test_read_goes_on_through_the_empty_packet_that_ended_a_full_transfer(plugged: Plugged) -> None:
    with plugged.link() as link:
        plugged.device.end.write(bytes(TRANSFER_BYTES))
        assert len(link.read(1)) == TRANSFER_BYTES
        later = threading.Timer(0.05, plugged.device.end.write, (b"later",))
        later.start()
        assert link.read(10) == b"later"
        later.join()


@pytest.mark.parametrize("by_read", [True, False])
def test_unplugging_is_a_lost_link_with_what_to_do(plugged: Plugged, by_read: bool) -> None:
    with plugged.link() as link:
        plugged.bus.unplug(plugged.device)
        with pytest.raises(LinkLost, match=r"usb:1209:0001: it was unplugged; check cable, power .* reconnect"):
            link.read(1) if by_read else link.write(b"x")


def test_unplugging_in_the_middle_of_a_write_tells_how_much_had_passed(plugged: Plugged) -> None:
    with plugged.link() as link:
        seen = carried(plugged.device)
        real = plugged.device.submit

        def submit(transfer: Transfer) -> None:
            real(transfer)
            if len(seen) == 2:
                plugged.bus.unplug(plugged.device)

        plugged.device.submit = submit  # type: ignore[method-assign]
        with pytest.raises(LinkLost) as told:
            link.write(bytes(3 * TRANSFER_BYTES))
        assert told.value.passed_bytes == 2 * TRANSFER_BYTES


def test_unplugging_wakes_a_read_that_waits(plugged: Plugged) -> None:
    with plugged.link() as link:
        seen = carried(plugged.device)
        told: list[LinkError] = []

        def wait() -> None:
            with pytest.raises(LinkLost) as caught:
                link.read(20)
            told.append(caught.value)

        reader = threading.Thread(target=wait)
        reader.start()
        while not seen:
            reader.join(0.001)
        plugged.bus.unplug(plugged.device)
        reader.join(20)
        assert len(told) == 1


def test_link_comes_back_to_the_same_device_when_it_is_plugged_in_again(plugged: Plugged) -> None:
    other = PumpDevice("OTHER")
    plugged.bus.plug(other)
    name = ANY._replace(serial="P1")
    with ReconnectingLink(lambda: UsbLink(name, plugged.backend)) as link:
        plugged.replug()
        assert link.read(1) == b""
        link.write(b"here again")
        assert read_exactly(plugged.device.end, 10) == b"here again"
        assert link.reconnected_count == 1
        assert not other.end.attached


def test_reconnecting_link_over_usb_keeps_the_contract_but_for_coming_back() -> None:
    def pair() -> tuple[Any, Any]:
        plugged = Plugged()
        return ReconnectingLink(plugged.link, 0), plugged.device.end

    check_link(pair)


class Forgetful(InProcessBackend):
    """A system that leaves an interface in whatever setting its owner had chosen; Linux puts it back."""

    def _let_go(self, attachment: Attachment, number: int) -> None:
        del attachment.claims[number]


def test_link_ends_its_session_itself_when_it_is_closed(plugged: Plugged) -> None:
    with UsbLink(ANY, Forgetful(plugged.bus)):
        assert plugged.device.end.attached
    assert not plugged.device.end.attached


class Closed(InProcessBackend):
    """A bus whose devices this user may see and not open, as under libusb without a udev rule."""

    def open_device(self, dev: Attachment) -> Handle:
        raise usb.core.USBError("Access denied (insufficient permissions)", -3, errno.EACCES)


@pytest.mark.parametrize("serial", ["", "P1"])
def test_right_that_is_missing_is_told_with_its_udev_line(plugged: Plugged, serial: str) -> None:
    with pytest.raises(PortDenied) as caught:
        UsbLink(ANY._replace(serial=serial), Closed(plugged.bus))
    line = 'SUBSYSTEM=="usb", ATTR{idVendor}=="1209", ATTR{idProduct}=="0001", TAG+="uaccess"'
    assert str(caught.value).endswith(line)
    assert line in RULES.splitlines()
    assert "\n" not in str(caught.value)


def test_serial_port_of_the_pump_is_kept_from_modem_manager_by_the_rules() -> None:
    (line,) = [one for one in RULES.splitlines() if one.startswith('SUBSYSTEM=="tty", ATTRS{idVendor}=="1209"')]
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in line


def test_library_of_the_system_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: None)
    with pytest.raises(PortMissing, match="no libusb that loads on this machine; apt install libusb"):
        UsbLink(ANY)
    assert pumps() == []


def test_pumps_on_usb_are_listed_as_they_are_named(plugged: Plugged) -> None:
    plugged.bus.plug(PumpDevice("P2"))
    first, second = pumps(plugged.backend)
    assert first == Port("usb:1209:0001:P1", "1209:0001", "P1", "0-1", "libusb", "pumpbench pump", 0.0)
    assert second.device == "usb:1209:0001:P2"
    (one, _) = pumps(Closed(plugged.bus))
    assert (one.device, one.description) == ("usb:1209:0001", "closed to you: see `pumpbench doctor usb:1209:0001`")


def test_lane_is_the_one_that_the_descriptors_declare(plugged: Plugged) -> None:
    lane = find_lane(plugged.found(), "usb")
    assert (lane.interface, lane.inbound, lane.outbound) == (FRAMES, plugged.bulk(FRAMES, True), plugged.bulk(FRAMES, False))


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() <= before
