"""What a host elsewhere has under way with one device, each transfer by that host's own number; knows no protocol."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from pumpbench.hil.usb.bus import Attachment
from pumpbench.hil.usb.script import PeerBroken
from pumpbench.hil.usb.setup import Setup
from pumpbench.hil.usb.transfers import Outcome, Transfer

TRANSFERS_MAX: Final = 1024
"""Under way at once. Linux's driver for serial ports has 33."""
HELD_BYTES_MAX: Final = 16 << 20
"""Of all that is under way to the device, and so of one transfer: what Linux gives a program by default."""


class RemoteHost:
    """`wake` is called, from any thread, when a transfer has ended.

    One thread calls everything else. Raises `PeerBroken` for a number that is in use, and for more than anybody needs.
    """

    def __init__(self, attachment: Attachment, wake: Callable[[], None]) -> None:
        self.attachment = attachment
        self._wake = wake
        self._under_way: dict[int, Transfer] = {}
        self._ended: deque[tuple[int, Transfer]] = deque()
        self._held_bytes = 0

    @property
    def gone(self) -> bool:
        return self.attachment.gone or not self.attachment.device.plugged

    def control(self, asked: Setup, data: bytes) -> bytes:
        """Raises `Stall` or `DeviceGone`."""
        return self.attachment.ask(asked, data)

    def submit(self, number: int, transfer: Transfer) -> None:
        """Raises `LookupError` where no such endpoint is in force."""
        if number in self._under_way:
            raise PeerBroken(f"transfer {number} was asked for while it is under way")
        if len(self._under_way) == TRANSFERS_MAX:
            raise PeerBroken(f"more than {TRANSFERS_MAX} transfers under way")
        if self._held_bytes + len(transfer.data) > HELD_BYTES_MAX:
            raise PeerBroken(f"more than {HELD_BYTES_MAX} bytes under way to the device")
        transfer.on_done = lambda done: self._note(number, done)
        self._under_way[number] = transfer
        self._held_bytes += len(transfer.data)
        try:
            self.attachment.device.submit(transfer)
        except LookupError:
            self._forget(number)
            raise

    def cancel(self, number: int) -> bool:
        """False: it has ended already, and `ended` tells or told how."""
        transfer = self._under_way.get(number)
        if transfer is None:
            return False
        self.attachment.device.cancel(transfer)
        if transfer.outcome is not Outcome.CANCELLED:
            return False
        self._forget(number)
        return True

    def ended(self) -> Iterator[tuple[int, Transfer]]:
        """Those that have ended since it was last asked, in their order, but for the cancelled."""
        while self._ended:
            number, transfer = self._ended.popleft()
            if self._under_way.get(number) is transfer:
                yield number, self._forget(number)

    def leave(self) -> None:
        """The host is gone: what it had under way is cancelled, and its session with the function ends."""
        for number in list(self._under_way):
            self.cancel(number)
        self.attachment.start_anew()

    def _forget(self, number: int) -> Transfer:
        transfer = self._under_way.pop(number)
        # What a transfer to the host brought is no more than it had asked for.
        self._held_bytes -= 0 if transfer.size_bytes else len(transfer.data)
        return transfer

    def _note(self, number: int, transfer: Transfer) -> None:
        self._ended.append((number, transfer))
        self._wake()
