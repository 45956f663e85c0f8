"""What every target promises: a link to something that answers the protocol; it knows no rig."""

from types import TracebackType
from typing import Protocol, Self

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import Link


class Target(Protocol):
    """Something that answers, opened; closing it ends what was started for it."""

    name: str
    link: Link
    independent: bool
    """True where it is another implementation than the reference, so that agreement with that means something."""
    device: Device | None
    """The emulator behind the link where it lives in this process."""

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
