"""The contract of a link, as functions over a pair of ends; knows no implementation."""

import threading
import time
from collections.abc import Callable

import pytest

from pumpbench.hil.links import Link, LinkError
from tests.support import rng, wait_until

PATIENCE_S = 20.0
EVERY_BYTE = bytes(range(256))
LARGE_BYTES = 1_000_000

# Gives the host's end and the device's end, both open. Either may be the one that outlives the other.
MakePair = Callable[[], tuple[Link, Link]]


def check_link(make_pair: MakePair) -> None:
    """Everything a link promises, on fresh pairs. `make_pair` must give ends that are joined already."""
    for check in (
        check_bytes_arrive_whole_in_any_chunks,
        check_read_is_empty_after_its_timeout,
        check_large_transfers_pass_both_ways_at_once,
        check_close_is_seen_by_the_other_end,
        check_second_close_does_nothing,
    ):
        host, device = make_pair()
        with host, device:
            check(host, device)


def check_bytes_arrive_whole_in_any_chunks(host: Link, device: Link) -> None:
    """All 256 values, each alone, all together and cut at random; both ways; order kept, nothing translated."""
    cuts = rng("link cuts")
    for sender, receiver in ((host, device), (device, host)):
        for byte in EVERY_BYTE:
            sender.write(bytes([byte]))
        assert read_exactly(receiver, 256) == EVERY_BYTE
        sender.write(EVERY_BYTE)
        assert read_exactly(receiver, 256) == EVERY_BYTE
        sent = cuts.randbytes(5000)
        for chunk in cut(sent, cuts.choices(range(1, 300), k=100)):
            sender.write(chunk)
        sender.write(b"")
        assert read_exactly(receiver, len(sent)) == sent


def check_read_is_empty_after_its_timeout(host: Link, device: Link) -> None:
    """With nothing sent; and a read that times out loses nothing that comes later."""
    for end, other in ((host, device), (device, host)):
        assert end.read(0) == b""
        assert end.read(0.01) == b""
        other.write(b"later")
        assert read_exactly(end, 5) == b"later"
        assert end.read(0) == b""


def check_large_transfers_pass_both_ways_at_once(host: Link, device: Link) -> None:
    """A megabyte each way, with one thread writing and one reading at each end."""
    down, up = rng("link down").randbytes(LARGE_BYTES), rng("link up").randbytes(LARGE_BYTES)
    writers = [threading.Thread(target=end.write, args=(data,), daemon=True) for end, data in ((host, down), (device, up))]
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(read_exactly(host, LARGE_BYTES)), daemon=True)
    for thread in (*writers, reader):
        thread.start()
    assert read_exactly(device, LARGE_BYTES) == down
    for thread in (*writers, reader):
        thread.join(PATIENCE_S)
    assert got == [up]


def check_close_is_seen_by_the_other_end(host: Link, device: Link) -> None:
    """After what was sent before it: a plain link raises `LinkError`, one that serves says nobody is attached."""
    host.write(b"last words")
    host.close()
    assert read_exactly(device, 10) == b"last words"
    if hasattr(device, "attached"):
        wait_until(lambda: device.read(0.01) == b"" and not device.attached, "the host's leaving to be seen")
        device.write(b"to nobody")
    else:
        with pytest.raises(LinkError):
            read_exactly(device, 1)


def check_second_close_does_nothing(host: Link, device: Link) -> None:
    """And whoever uses a closed end is told so in one line."""
    for end in (host, device):
        end.close()
        end.close()
        with pytest.raises(LinkError) as told_reader:
            end.read(0)
        with pytest.raises(LinkError) as told_writer:
            end.write(b"x")
        for told in (told_reader, told_writer):
            assert str(told.value)
            assert "\n" not in str(told.value)


def read_exactly(link: Link, size: int) -> bytes:
    """`size` bytes, or a failure that says how many came within the patience of this contract."""
    got = bytearray()
    deadline = time.monotonic() + PATIENCE_S
    while len(got) < size:
        got += link.read(0.2)
        assert time.monotonic() < deadline, f"{link.url}: {len(got)} of {size} bytes came"
    return bytes(got)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """`data` in chunks of these sizes, taken in turn, and the rest."""
    chunks, start = [], 0
    for size in sizes:
        chunks.append(data[start : start + size])
        start += size
    return [*chunks, data[start:]]
