"""Transfers on endpoints: packets cut and joined, the empty packet at the end, halts, babble, cancelling with what had passed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.usb.transfers import TRANSFER_BYTES_MAX, InEndpoint, Outcome, OutEndpoint, Transfer


def fetch(endpoint: InEndpoint, size_bytes: int) -> Transfer:
    transfer = Transfer(0x81, size_bytes=size_bytes)
    endpoint.waiting.append(transfer)
    endpoint.serve()
    return transfer


def send(endpoint: OutEndpoint, data: bytes) -> Transfer:
    transfer = Transfer(0x01, data)
    endpoint.waiting.append(transfer)
    endpoint.serve()
    return transfer


@pytest.mark.parametrize("packet_bytes", [64, 512])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_inbound_transfer_ends_with_a_short_packet_or_an_empty_one(packet_bytes: int, more: int) -> None:
    endpoint = InEndpoint(packet_bytes)
    endpoint.held += bytes(2 * packet_bytes + more)
    transfer = fetch(endpoint, 16 * packet_bytes)
    assert (transfer.outcome, transfer.passed) == (Outcome.DONE, 2 * packet_bytes + more)


def test_inbound_transfer_that_is_filled_leaves_an_empty_one_behind_it() -> None:
    endpoint = InEndpoint(64)
    endpoint.held += bytes(128)
    assert fetch(endpoint, 128).passed == 128
    assert (fetch(endpoint, 128).outcome, fetch(endpoint, 128).outcome) == (Outcome.DONE, None)


@given(st.lists(st.binary(max_size=300), max_size=20), st.lists(st.integers(1, 6), min_size=1, max_size=20))
def test_inbound_bytes_come_whole_in_whatever_transfers(written: list[bytes], sizes: list[int]) -> None:
    endpoint = InEndpoint(64)
    for chunk in written:
        endpoint.held += chunk
    got = b""
    for count in range(10_000):
        transfer = fetch(endpoint, 64 * sizes[count % len(sizes)])
        if transfer.outcome is None:
            break
        got += bytes(transfer.data)
    assert got == b"".join(written)


def test_transfer_that_waits_keeps_what_came_when_it_is_cut_off() -> None:
    endpoint = InEndpoint(64)
    endpoint.held += bytes(64)
    endpoint._owes_end = False
    transfer = Transfer(0x81, size_bytes=256)
    endpoint.waiting.append(transfer)
    endpoint.next_packet = lambda: bytes(64) if not transfer.data else None  # type: ignore[method-assign]
    endpoint.serve()
    assert (transfer.outcome, transfer.passed) == (None, 64)
    endpoint.abort(Outcome.CANCELLED)
    assert (transfer.outcome, transfer.passed) == (Outcome.CANCELLED, 64)


@pytest.mark.parametrize(("packet", "size"), [(65, 256), (64, 32)])
def test_packet_that_does_not_fit_is_babble(packet: int, size: int) -> None:
    endpoint = InEndpoint(64)
    packets = iter([bytes(packet)])
    endpoint.next_packet = lambda: next(packets, None)  # type: ignore[method-assign]
    assert fetch(endpoint, size).outcome is Outcome.BABBLE


@pytest.mark.parametrize(
    ("length", "handed_over"), [(63, 63), (64, 0), (65, 65), (128, 0), (TRANSFER_BYTES_MAX, TRANSFER_BYTES_MAX)]
)
def test_device_waits_for_the_end_of_a_transfer_of_full_packets(length: int, handed_over: int) -> None:
    taken: list[bytes] = []
    endpoint = OutEndpoint(64, lambda data: not taken.append(data), by_transfer=True)  # type: ignore[func-returns-value]
    assert send(endpoint, bytes(length)).outcome is Outcome.DONE
    assert sum(map(len, taken)) == handed_over
    send(endpoint, b"")
    assert sum(map(len, taken)) == length


def test_outbound_transfer_waits_where_there_is_no_room() -> None:
    room, taken = [2], bytearray()

    def take(data: bytes) -> bool:
        if not room[0]:
            return False
        room[0] -= 1
        taken.extend(data)
        return True

    endpoint = OutEndpoint(64, take)
    transfer = send(endpoint, bytes(range(200)))
    assert (transfer.outcome, transfer.passed) == (None, 128)
    room[0] = 9
    endpoint.serve()
    assert (transfer.outcome, bytes(taken)) == (Outcome.DONE, bytes(range(200)))


def test_halted_endpoint_stalls_each_transfer_until_it_is_cleared() -> None:
    endpoint = InEndpoint(64)
    waiting = fetch(endpoint, 64)
    endpoint.halted = True
    endpoint.held += b"later"
    endpoint.serve()
    assert waiting.outcome is Outcome.STALL
    assert fetch(endpoint, 64).outcome is Outcome.STALL
    endpoint.halted = False
    assert bytes(fetch(endpoint, 64).data) == b"later"


def test_transfer_tells_its_end_once_to_whoever_asked() -> None:
    told: list[Transfer] = []
    transfer = Transfer(0x81, size_bytes=64, on_done=told.append)
    endpoint = InEndpoint(64)
    endpoint.waiting.append(transfer)
    assert not transfer.wait(0)
    endpoint.held += b"x"
    endpoint.serve()
    endpoint.abort(Outcome.GONE)
    assert told == [transfer]
    assert transfer.wait(None)
