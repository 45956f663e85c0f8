"""Knows what a path of the bench is, its peers and its goal; it must not know how any of them is measured."""

from dataclasses import dataclass
from typing import Literal

Bound = Literal["ratio >=", "ratio <=", "<=", ">="]


@dataclass(frozen=True)
class Goal:
    """A figure of performance.md: of the ratio ours / peer, or of ours alone."""

    bound: Bound
    value: float

    def reached(self, ours: float, peer: float | None) -> bool | None:
        """None where it takes a peer and there is none."""
        if self.bound.startswith("ratio"):
            if peer is None:
                return None
            ours = ours / peer
        return ours >= self.value if self.bound.endswith(">=") else ours <= self.value

    def text(self, unit: str) -> str:
        sign = self.bound.removeprefix("ratio ")
        return f"{sign} {self.value:g}x" if self.bound.startswith("ratio") else f"{sign} {figure(self.value)} {unit}"


@dataclass(frozen=True)
class Peer:
    """One contender against us: its function, what the table calls it, and the goal held against it, if any."""

    function: str
    name: str
    goal: Goal | None = None
    ours: bool = False
    """Measured in our own process: another engine of this project, or the bare system."""


@dataclass(frozen=True)
class Path:
    """One line of work, ours and its peers in turns. `unit`: a rate per second, or `s`, `ms`, `us` of one piece of work."""

    name: str
    unit: str
    function: str
    peers: tuple[Peer, ...]
    rounds_max: int = 1000


@dataclass(frozen=True)
class Row:
    """What became of one path against one peer; None: absent."""

    path: Path
    peer: Peer
    peer_name: str
    ours: float | None
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        return None if self.ours is None or self.theirs is None else self.ours / self.theirs

    @property
    def reached(self) -> bool | None:
        if self.ours is None or self.peer.goal is None:
            return None
        return self.peer.goal.reached(self.ours, self.theirs)


def figure(value: float) -> str:
    """Three or four digits that a person can read: 184 k, 31 M, 0.13."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
