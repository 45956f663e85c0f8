"""Whatever answers behind a port named by a pyserial URL: a board, or somebody's program; it knows nothing else of it."""

from pumpbench.hil.links import Link, PortMissing, ReconnectingLink, SerialLink
from pumpbench.hil.lock import BoardLock
from pumpbench.hil.ports import PTYS, board_id, device_of
from pumpbench.hil.targets.access import Access
from pumpbench.hil.targets.target import Target


class PortTarget(Target):
    """Takes the board's lock and opens `url`, also `usb-serial:<number>`, with pyserial; holds both until it is closed.

    Independent until its own answer to `Identify` says otherwise. Raises `BoardBusy` or a `LinkError`.
    """

    independent = True
    device = None

    def __init__(self, url: str, access: Access | None = None) -> None:
        self.name = f"serial:{url}"
        access = access or Access()

        board = board_id(url)

        def opened() -> Link:
            if url.startswith(PTYS) and board_id(url) != board:
                raise PortMissing(url, "it is gone; what has its number now is another pty", "see what served it")
            # Looked up each time: a board that comes back may have another number.
            return SerialLink(device_of(url), access.baud)

        self._lock = BoardLock(board, "talk to it", access.wait_s)
        try:
            self.link: Link = ReconnectingLink(opened) if access.reconnect else opened()
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        self.link.close()
        self._lock.close()
