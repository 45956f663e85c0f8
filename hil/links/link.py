"""What every link promises: bytes, in order, both ways. It knows no frame, no clock and no pump."""

from types import TracebackType
from typing import Final, Literal, Protocol, Self, runtime_checkable

# The values are those of pcapng's epb_flags, so that a recording needs no table.
Direction = Literal[0, 1, 2]
NEITHER: Final = 0
INBOUND: Final = 1  # device to host
OUTBOUND: Final = 2  # host to device
DIRECTION_NAMES: Final = ("neither", "inbound", "outbound")

READ_BYTES_MAX: Final = 65536
STALL_S: Final = 5.0


class Link(Protocol):
    """Moves bytes between two ends; the only exceptions are `LinkError` and its kinds.

    At most one thread reads and one writes at a time, and neither while another closes. A link drops, adds and
    reorders nothing while both ends are open, and may cut or join chunks anywhere.
    """

    reconnected_count: int = 0
    """How often it was lost and opened again: where one is, a device may have started anew in between."""

    @property
    def url(self) -> str:
        """The name the other end, or a message to a person, can use for this link."""
        ...

    def write(self, data: bytes) -> None:
        """Returns once the system has taken every byte. Raises `LinkStalled` when none was taken for `STALL_S`."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, 1 to `READ_BYTES_MAX` bytes, at once; b"" when nothing did for `timeout_s` (0: no wait)."""
        ...

    def close(self) -> None:
        """Lets go of the port; a second close does nothing."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@runtime_checkable
class ServingLink(Link, Protocol):
    """The device's side of a link, which outlives the host: a host may leave and another come.

    A host that leaves is not an error here: `attached` turns false, reads are empty, and writes go nowhere, as
    on a UART with nothing plugged in.
    """

    @property
    def attached(self) -> bool:
        """True while a host has the other end open."""
        ...
