"""A link that comes back: over a pty that goes away and returns under another name."""

from collections.abc import Iterator

import pytest

from pumpbench.hil.links import Link, LinkLost, PortMissing, PtyLink, ReconnectingLink, SerialLink
from tests.contracts.links import check_link, read_exactly
from tests.support import require


@pytest.fixture
def devices() -> Iterator[list[PtyLink]]:
    """The last one is plugged in; the others were."""
    require("pty")
    plugged = [PtyLink()]
    yield plugged
    for one in plugged:
        one.close()


def link_to(devices: list[PtyLink], patience_s: float = 10.0) -> ReconnectingLink:
    return ReconnectingLink(lambda: SerialLink(devices[-1].slave_path), patience_s)


def replug(devices: list[PtyLink]) -> None:
    devices[-1].close()
    devices.append(PtyLink())


def test_reconnecting_link_keeps_the_contract_but_for_coming_back() -> None:
    require("pty")

    def pair() -> tuple[Link, Link]:
        device = PtyLink()
        opened: list[Link] = []

        def reopen() -> Link:
            if opened:
                # Not by its number, which any other pty may have by now.
                raise PortMissing(device.slave_path, "no such port", "plug it in")
            opened.append(SerialLink(device.slave_path))
            return opened[0]

        return ReconnectingLink(reopen, 0), device

    check_link(pair)


def test_read_comes_back_empty_and_goes_on_when_the_port_returns(devices: list[PtyLink]) -> None:
    with link_to(devices) as link:
        replug(devices)
        assert link.read(1) == b""
        devices[-1].write(b"again")
        assert read_exactly(link, 5) == b"again"
        assert link.reconnected_count == 1


def test_write_is_sent_whole_when_the_port_returns(devices: list[PtyLink]) -> None:
    with link_to(devices) as link:
        replug(devices)
        link.write(b"whole frame")
        assert read_exactly(devices[-1], 11) == b"whole frame"


def test_link_is_lost_by_name_when_the_port_stays_away(devices: list[PtyLink]) -> None:
    gone: list[bool] = []

    def reopen() -> Link:
        if gone:
            raise PortMissing("bench1", "no such port", "plug it in")
        return SerialLink(devices[-1].slave_path)

    with ReconnectingLink(reopen, 0.01) as link:
        gone.append(True)
        devices[-1].close()
        with pytest.raises(LinkLost, match=r"went away and was not back in 0\.01 s \(bench1: no such port"):
            link.read(1)


def test_closed_link_does_not_come_back(devices: list[PtyLink]) -> None:
    link = link_to(devices)
    link.close()
    with pytest.raises(LinkLost):
        link.read(0)
    assert link.reconnected_count == 0
