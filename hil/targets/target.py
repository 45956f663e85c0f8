"""What every target promises: a link to something that answers the protocol; it knows no rig."""

from types import TracebackType
from typing import Protocol, Self

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.errors import FirmwareHangs, NoAnswer
from pumpbench.hil.links import Link
from pumpbench.protocol.codes import CrcBuild
from pumpbench.protocol.messages import Identified


class Target(Protocol):
    """Something that answers, opened; closing it ends what was started for it."""

    name: str
    link: Link
    independent: bool
    """True where it is another implementation than the reference, so that agreement with that means something."""
    device: Device | None
    """The emulator behind the link where it lives in this process."""
    ticks_per_second: int = 0
    """How fast it computes, where that is not what it says of itself; 0: believe it."""

    doubt: str = ""
    """Why agreement with it shows nothing for certain, in words; empty where it does."""

    def close(self) -> None: ...

    def credit_end(self, tick: int) -> int | None:
        """To which tick it can run from there; None: to any."""
        return None

    def crashed(self) -> str:
        """How the firmware came to a bad end by itself, in words; empty where it did not, or where nobody can know."""
        return ""

    def alive(self) -> str:
        """That the firmware is there still, in words, where it runs on this machine; empty where it does not, or is gone."""
        return ""

    def explained(self, problem: Exception) -> Exception:
        """The problem itself, or what it comes to on a target that has neither cable nor baud rate."""
        # Of a kind of its own, it says already why no answer came.
        if type(problem) is not NoAnswer or not (alive := self.alive()):
            return problem
        what = f"the firmware does not answer, {alive}: {problem.what}"
        return FirmwareHangs(self.name, what, "see what it was told last, and why it hangs there")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def is_other_implementation(target: Target, identified: Identified) -> bool:
    """False where the reference would meet itself, also where a port hides it: only its answer to `Identify` tells then."""
    behind_a_port = target.device is None and identified.crc_build in (CrcBuild.PYTHON, CrcBuild.EXTENSION)
    return target.independent and not behind_a_port
