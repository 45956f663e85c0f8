"""What a diff comes to, as data: causes, what follows from each, between which ticks; it compares nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pumpbench.hil.compare import WHOLE_FRAME, Difference
from pumpbench.hil.divergence import Divergence
from pumpbench.hil.replay.judging import Sureness
from pumpbench.hil.replay.player import NOTHING
from pumpbench.hil.replay.recorded import Gap

Side = Literal["told", "said"]
"""By the host, or by the device."""
Word = Literal["same", "different", "lossy"]


class Moment(NamedTuple):
    """One frame, or act of the bench, that the two have otherwise. `seqs`: of A's frame and of B's, where there is one.

    In each difference `theirs` is A's value and `ours` is B's.
    """

    tick: int
    side: Side
    message: str
    seqs: tuple[int | None, int | None]
    differences: tuple[Difference, ...]

    @property
    def headline(self) -> str:
        """The first difference as a sentence."""
        one = self.differences[0]
        if one.field == WHOLE_FRAME:
            return self._of_frame(one)
        unit = f" {one.unit}" if one.unit else ""
        who = "they were told otherwise" if self.side == "told" else "they say otherwise"
        return f"{who} at tick {self.tick}: {one.message}.{one.field} is {one.theirs}{unit} in A, {one.ours}{unit} in B"

    def _of_frame(self, one: Difference) -> str:
        (name, act), (other, other_act) = ("A", one.theirs), ("B", one.ours)
        if act == NOTHING:
            (name, act), (other, other_act) = ("B", one.ours), ("A", one.theirs)
        verb = "was told" if self.side == "told" else "says"
        if other_act != NOTHING:
            return f"{name} {verb} {act} at tick {self.tick}, {other} {verb} {other_act}"
        return f"{name} {verb} {act} at tick {self.tick}, {other} {'was' if self.side == 'told' else 'does'} not"


@dataclass(slots=True)
class Consequence:
    """A field that differed from a cause on: how often, when first and last, and with which values first."""

    first: Difference
    count: int = 0
    last_tick: int = 0


@dataclass(slots=True)
class Cause:
    """A difference that none before it explains. It came about after `agreed_tick` and not after `moments[0].tick`.

    `healed_tick`: where digests of the whole state agreed again; what differs later has a cause of its own.
    """

    agreed_tick: int
    moments: list[Moment]
    follows: dict[str, Consequence] = field(default_factory=dict)
    healed_tick: int | None = None

    @property
    def first(self) -> Moment:
        return self.moments[0]

    @property
    def follows_count(self) -> int:
        return sum(one.count for one in self.follows.values())

    def add(self, moment: Moment) -> None:
        """As something that follows."""
        for one in moment.differences:
            name = f"{one.message}.{one.field}"
            known = self.follows.setdefault(name, Consequence(one))
            known.count += 1
            known.last_tick = moment.tick


@dataclass(frozen=True, slots=True)
class Diff:
    """`exact` is there where both sides could be run again: then the first tick is known and every field of the state."""

    names: tuple[str, str]
    word: Word
    reason: str
    exit_code: int
    causes: tuple[Cause, ...]
    gaps: tuple[tuple[Gap, ...], tuple[Gap, ...]]
    frames_compared: int
    digests_compared: int
    told_compared: int
    unpaired_reports: int
    """Of credits that only one side was granted: what they say has no counterpart."""
    ticks: tuple[int, int]
    """How far each goes, or as far as was asked. Nothing is compared beyond the lower of the two."""
    sureness: Sureness = "exact"
    """Of A."""
    not_judged: Mapping[str, int] = field(default_factory=dict)
    """By `message.field`, how often it differed where that is no finding."""
    plantless: str = ""
    """A or B, where the plant of just that one was its bench's."""
    is_short: bool = False
    """They agree as far as both go, and only one goes on."""
    exact: Divergence | None = None
    exact_names: tuple[str, str] = ("", "")
    """Who was run again for A and for B."""
    not_exact: str = ""
    """Why there is no exact tick, where there is a difference."""
