"""Runs the contract of a link over every implementation."""

from collections.abc import Callable

import pytest

from pumpbench.hil.links import Link, PtyLink, SerialLink, Tap, TcpLink, memory_pair
from pumpbench.hil.usb.descriptors import Speed
from tests.contracts.links import check_link
from tests.hil.usb.plugged import Plugged
from tests.support import require, wait_until


def pty_pair() -> tuple[Link, Link]:
    """A device on the master and a host that opened the slave by its path."""
    require("pty")
    device = PtyLink()
    return SerialLink(device.url), device


def tcp_pair() -> tuple[Link, Link]:
    """A device that listens, and a host that has been let in."""
    device = TcpLink()
    host = SerialLink(device.url)
    wait_until(lambda: device.attached, "the host to be let in")
    return host, device


def tapped_pty_pair() -> tuple[Link, Link]:
    """A tap must keep the contract of what it wraps."""
    host, device = pty_pair()
    return Tap(host, lambda *_: None), device


def usb_pair(speed: Speed = Speed.FULL) -> tuple[Link, Link]:
    """A pump behind its USB device, and a host that claimed its interface through pyusb."""
    plugged = Plugged(speed)
    return plugged.link(), plugged.device.end


def usb_pair_at_high_speed() -> tuple[Link, Link]:
    """Packets of 512 bytes."""
    return usb_pair(Speed.HIGH)


PAIRS = [memory_pair, pty_pair, tcp_pair, tapped_pty_pair, usb_pair, usb_pair_at_high_speed]


@pytest.mark.parametrize("make_pair", PAIRS)
def test_link_keeps_the_contract(make_pair: Callable[[], tuple[Link, Link]]) -> None:
    check_link(make_pair)
