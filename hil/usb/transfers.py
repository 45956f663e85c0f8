"""Transfers and the endpoints that carry them, packet by packet; knows no request, no function and no host."""

import threading
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final

OUT_ROOM_BYTES: Final = 65536
TRANSFER_BYTES_MAX: Final = 16384
"""What a device's own buffer for one transfer takes: full, it is handed over without a short packet."""


class Outcome(Enum):
    """How a transfer ended, other than by waiting on."""

    DONE = "done"
    STALL = "the endpoint is halted"
    BABBLE = "the device sent more than was asked for"
    CANCELLED = "cancelled"
    GONE = "the device is gone"


class Transfer:
    """One request for bytes, or with bytes, on one endpoint. `data` is what is to go, or what came; `passed` of it went.

    `ends_short`: where the last packet that goes is a full one, an empty one follows.
    `on_done` is called once, from whatever thread ended it and under the device's lock: it may note it, and do no more.
    """

    __slots__ = ("_ended", "address", "data", "ends_short", "on_done", "outcome", "passed", "size_bytes")

    def __init__(
        self, address: int, data: bytes = b"", size_bytes: int = 0, on_done: Callable[["Transfer"], None] | None = None
    ) -> None:
        self.address = address
        self.data = bytearray(data)
        self.size_bytes = size_bytes
        self.passed = 0
        self.ends_short = False
        self.outcome: Outcome | None = None
        self.on_done = on_done
        self._ended = threading.Event()

    def end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._ended.set()
        if self.on_done is not None:
            self.on_done(self)

    def wait(self, timeout_s: float | None) -> bool:
        """False while it has not ended. None: for as long as it takes."""
        return self.outcome is not None or self._ended.wait(timeout_s)


class Endpoint:
    """Transfers wait in order. A halted endpoint answers each with a stall until its halt is cleared."""

    def __init__(self, packet_bytes: int) -> None:
        self.packet_bytes = packet_bytes
        self.halted = False
        self.waiting: deque[Transfer] = deque()

    def serve(self) -> None:
        """Moves what can be moved now."""
        while self.waiting:
            outcome = Outcome.STALL if self.halted else self._moved(self.waiting[0])
            if outcome is None:
                return
            self.waiting.popleft().end(outcome)

    def abort(self, outcome: Outcome) -> None:
        """Ends every transfer that waits."""
        while self.waiting:
            self.waiting.popleft().end(outcome)

    def forget(self) -> None:
        """Drops the bytes it holds, for a session that is over; what waits goes on waiting."""

    def _moved(self, transfer: Transfer) -> Outcome | None:
        """None: neither side can go on."""
        raise NotImplementedError


class InEndpoint(Endpoint):
    """To the host. Bytes are cut into packets as they are fetched, so many frames may share one transfer.

    A transfer ends with a packet that is not full; where the last one was, an empty packet follows.
    """

    def __init__(self, packet_bytes: int) -> None:
        super().__init__(packet_bytes)
        self.held = bytearray()
        self._owes_end = False

    def forget(self) -> None:
        self.held.clear()
        self._owes_end = False

    def next_packet(self) -> bytes | None:
        """None: nothing to send, which the host hears as "not yet"."""
        if self.held:
            packet = bytes(self.held[: self.packet_bytes])
            del self.held[: self.packet_bytes]
            self._owes_end = len(packet) == self.packet_bytes
            return packet
        if self._owes_end:
            self._owes_end = False
            return b""
        return None

    def _moved(self, transfer: Transfer) -> Outcome | None:
        while len(transfer.data) < transfer.size_bytes or not transfer.size_bytes:
            packet = self.next_packet()
            if packet is None:
                return None
            if len(packet) > min(self.packet_bytes, transfer.size_bytes - len(transfer.data)):
                return Outcome.BABBLE
            transfer.data += packet
            transfer.passed = len(transfer.data)
            if len(packet) < self.packet_bytes:
                return Outcome.DONE
        return Outcome.DONE


class OutEndpoint(Endpoint):
    """From the host. `by_transfer`: bytes are handed over at a short packet or a full buffer, not with each packet.

    A host that owes such a device the empty packet at the end is heard too late, as on a real one. `take` gets the bytes and
    says whether there was room; where not, the host waits.
    """

    def __init__(self, packet_bytes: int, take: Callable[[bytes], bool], by_transfer: bool = False) -> None:
        super().__init__(packet_bytes)
        self.by_transfer = by_transfer
        self._take = take
        self._collected = bytearray()

    def forget(self) -> None:
        self._collected.clear()

    def _moved(self, transfer: Transfer) -> Outcome | None:
        while True:
            packet = bytes(transfer.data[transfer.passed : transfer.passed + self.packet_bytes])
            if not self._accepted(packet):
                return None
            transfer.passed += len(packet)
            full = len(packet) == self.packet_bytes
            if transfer.passed == len(transfer.data) and not (full and transfer.ends_short):
                return Outcome.DONE

    def _accepted(self, packet: bytes) -> bool:
        whole = bytes(self._collected) + packet
        ends = not self.by_transfer or len(packet) < self.packet_bytes or len(whole) >= TRANSFER_BYTES_MAX
        if not ends:
            self._collected += packet
            return True
        if not self._take(whole):
            return False
        self._collected.clear()
        return True
