"""Runs the contract of a link over every implementation."""

from collections.abc import Callable

import pytest

from pumpbench.hil.links import Link, PtyLink, SerialLink, Tap, TcpLink, memory_pair
from tests.contracts.links import check_link
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


@pytest.mark.parametrize("make_pair", [memory_pair, pty_pair, tcp_pair, tapped_pty_pair])
def test_link_keeps_the_contract(make_pair: Callable[[], tuple[Link, Link]]) -> None:
    check_link(make_pair)
