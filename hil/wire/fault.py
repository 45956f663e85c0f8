"""What can go wrong on a wire, as plain values that can be written down, read and compared; nothing here acts."""

from dataclasses import dataclass, fields
from typing import Final

from pumpbench.hil.links import DIRECTION_NAMES, INBOUND, OUTBOUND, Direction

ARGUMENTS: Final = {
    "drop": (),
    "duplicate": ("copies",),
    "delay": ("frames",),
    "cut": ("byte", "frames"),
    "flip": ("bit",),
    "baud": ("percent",),
}
"""Kinds of fault, each with the arguments that mean something to it."""
KINDS: Final = tuple(ARGUMENTS)
DIRECTIONS: Final[dict[str, Direction]] = {DIRECTION_NAMES[OUTBOUND]: OUTBOUND, DIRECTION_NAMES[INBOUND]: INBOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of the wire, placed by direction and frame, so that a run with it can be repeated.

    `frame_index` counts the therapy frames of that direction from 0, as they are put on the wire, retries among them.
    """

    kind: str
    direction: Direction
    frame_index: int
    copies: int = 1
    """duplicate: how many more arrive."""
    frames: int = 0
    """delay: how many later frames of its direction overtake it; cut: how many later ones, either way, are lost too."""
    byte: int = 0
    """cut: how many bytes of the frame still pass."""
    bit: int = 0
    """flip: which bit of the frame on the wire, counted round where the frame is shorter."""
    percent: int = 100
    """baud: the receiver's rate in percent of the sender's."""

    def __post_init__(self) -> None:
        if self.kind not in ARGUMENTS or self.direction not in DIRECTIONS.values():
            raise ValueError(f"wire fault {self.kind!r}, direction {self.direction}; expected {', '.join(KINDS)} and 1 or 2")

    def as_dict(self) -> dict[str, str | int]:
        """Kind, direction, frame and the arguments of its kind, as TOML and JSON have them."""
        named: dict[str, str | int] = {
            "kind": self.kind,
            "direction": DIRECTION_NAMES[self.direction],
            "frame": self.frame_index,
        }
        return named | {name: getattr(self, name) for name in ARGUMENTS[self.kind]}

    def __str__(self) -> str:
        return " ".join(str(value) for value in self.as_dict().values())


DEFAULTS: Final[dict[str, int]] = {one.name: int(one.default) for one in fields(Fault) if isinstance(one.default, int)}


@dataclass(frozen=True, slots=True)
class Wire:
    """A whole wire: its faults, and the rate that paces therapy frames (0: as fast as the link is)."""

    faults: tuple[Fault, ...] = ()
    baud: int = 0

    def as_dict(self) -> dict[str, object]:
        made: dict[str, object] = {"baud": self.baud} if self.baud else {}
        return made | {"fault": [fault.as_dict() for fault in self.faults]}
