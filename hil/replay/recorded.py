"""What a capture holds once it is taken apart: requests, replies and inputs in their order, and its gaps; it reads nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from pumpbench.hil.replay.heard import Heard
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified

STARTS: Final = "ResetToStart"
SILENCE_TICKS_MAX: Final = 1 << 32
"""More than 84 months between two frames of a device is damage."""
FILTERED_FROM: Final = "filtered_from"
"""In a trailer: what the capture was chosen from, and whether all of its beginning was `kept`."""
KEPT_BEGINNING: Final = "beginning"
IMPORTED_FROM: Final = "imported_from"
"""In a trailer: files of others, whose bytes these are."""
Side = Literal["device", "host", "meta"]


class Gap(NamedTuple):
    """Where the recording does not show what passed: frames from the device, frames from the host, or inputs."""

    side: Side
    tick: int
    what: str

    def __str__(self) -> str:
        return f"tick {self.tick}: {self.what}"


class Injected(NamedTuple):
    """A meta record of an input that is no wire bytes."""

    tick: int
    fault: int
    arguments: tuple[int, int, int]


@dataclass(slots=True)
class Request:
    """What the host sent: a frame, or noise to be sent as it is (`frame` None). `tick`: of the last word before it."""

    wire: bytes
    tick: int
    frame: Frame | None = None
    reply: Frame | None = None
    retry: bool = False
    injected: Injected | None = None
    t_ns: int = 0
    """When it passed, since 1970."""

    @property
    def bench(self) -> bool:
        return self.frame is not None and bool(self.frame.head[1] & FLAG_BENCH)

    @property
    def name(self) -> str:
        return "noise" if self.frame is None else type(self.frame.message).__name__


@dataclass(slots=True)
class Recorded:
    """One capture, taken apart."""

    header: dict[str, Any] | None = None
    snapshot: tuple[int, bytes] | None = None
    requests: list[Request] = field(default_factory=list)
    unasked: Heard = field(default_factory=Heard)
    plant_inputs: list[tuple[int, Injected]] = field(default_factory=list)
    """Of a plant that the bench held, each with the number of requests before it."""
    gaps: list[Gap] = field(default_factory=list)
    last_tick: int = 0
    is_selection: bool = False
    """Made by choosing among the records of another capture, and not its whole beginning: nothing can be run again from it."""

    @property
    def in_credits(self) -> bool:
        """True where time passed by credits alone; else the device's own clock ran, and only its frames tell the tick."""
        return (self.header or {}).get("time_mode") == "credit"

    @property
    def plant_outside(self) -> bool:
        """Whether the bench held the plant: the device then tells no digest of one, and inputs of it are no requests."""
        return (self.header or {}).get("topology") == "controller"

    @property
    def identified(self) -> Identified | None:
        """Who was recorded, by the header or by its own answer; None where neither says so."""
        try:
            said = (self.header or {})["builds"]["target"]
            return Identified(**{one.name: int(said[one.name]) for one in layout_of(Identified).fields})
        except (KeyError, TypeError, ValueError):
            replies = (request.reply.message for request in self.requests if request.reply is not None)
            return next((message for message in replies if isinstance(message, Identified)), None)


def is_selection(trailer: Mapping[str, Any]) -> bool:
    """Whether a trailer says that its capture is another's bytes, or was chosen from one and not as its beginning."""
    told = trailer.get(FILTERED_FROM)
    if IMPORTED_FROM in trailer:
        return True
    return told is not None and not (isinstance(told, dict) and told.get("kept") == KEPT_BEGINNING)
