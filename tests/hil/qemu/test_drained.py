"""A link that is read at all times: it keeps the contract of links, and loses nothing to a reader that comes late."""

import socket

import pytest

from pumpbench.hil.links import Link, LinkLost, LinkStalled
from pumpbench.hil.qemu import drained
from pumpbench.hil.qemu.drained import DrainedLink
from tests.contracts.links import check_link, read_exactly
from tests.support import wait_until


def pair() -> tuple[DrainedLink, DrainedLink]:
    ends = socket.socketpair()
    return DrainedLink(ends[0], "qemu:one", lambda: "it ended"), DrainedLink(ends[1], "qemu:other", lambda: "it ended")


def links() -> tuple[Link, Link]:
    return pair()


def test_drained_link_keeps_the_contract() -> None:
    check_link(links)


def test_read_without_a_wait_gives_what_was_sent_before_it() -> None:
    one, other = pair()
    with one, other:
        for n in range(200):
            other.write(bytes([n]))
            assert one.read(0) == bytes([n])


def test_link_is_drained_when_nobody_reads() -> None:
    one, other = pair()
    with one, other:
        for _ in range(400):
            other.write(bytes(10_000))
        assert len(read_exactly(one, 4_000_000)) == 4_000_000


def test_link_says_how_the_other_side_ended() -> None:
    one, other = pair()
    with one:
        other.close()
        with pytest.raises(LinkLost, match="qemu:one: it ended; start it anew"):
            one.read(20)
        with pytest.raises(LinkLost, match="it ended"):
            one.write(b"x" * 1_000)


def test_link_gives_up_by_name_when_far_too_much_waits_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drained, "WAITING_BYTES_MAX", 100)
    one, other = pair()
    with one, other:
        other.write(bytes(101))
        read_exactly(one, 101)
        with pytest.raises(LinkStalled, match="101 bytes wait here unread; read what the board sends"):
            one.read(20)


def test_forgotten_bytes_do_not_come() -> None:
    one, other = pair()
    with one, other:
        other.write(b"old")
        wait_until(lambda: bool(one._waiting), "the bytes to arrive")
        one.forget()
        other.write(b"new")
        assert one.read(20) == b"new"
