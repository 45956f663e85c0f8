"""What an explanation comes to, as data; it works nothing out."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pumpbench.firmware_emu.guards import Guard, Lever, Reading
from pumpbench.hil.rig.rig import Stamped

Ended = Literal["cleared", "still on", "lost at a reset"]


class Silenced(NamedTuple):
    """By whom: a `Role`."""

    tick: int
    role: int


class Sounding(NamedTuple):
    """One time an alarm was raised.

    `span`: after its first tick, where the time before ended, and up to its last, before the next time or at the end of the
    recording, the alarm must not be on to be prevented; else it would only be put off. `last_effect`: the number of the last
    effect of the run that is told of it.
    """

    alarm: int
    raised_tick: int
    ended: Ended
    ended_tick: int
    silenced: tuple[Silenced, ...]
    span: tuple[int, int]
    last_effect: int


class Counterfactual(NamedTuple):
    """One lever: `recorded` as it was; `needed` the nearest value that keeps the alarm silent, None where none in range does.

    `needed` less one step towards `recorded` sounds it: both were run. `what`: the lever in words, with the tick of its act.
    """

    lever: Lever
    what: str
    unit: str
    recorded: int
    needed: int | None
    tried_to: int
    """As far as was tried: the end of the range, or of what the pump still takes."""

    @property
    def step_back(self) -> int | None:
        """The value next to the needed one that still sounds the alarm."""
        return None if self.needed is None else self.needed - (1 if self.needed > self.recorded else -1)


@dataclass(frozen=True, slots=True)
class Explained:
    """`before` and `at`: the guard's inputs and thresholds at the end of the tick before, and of the tick that raised it."""

    sounding: Sounding
    guard: Guard
    before: tuple[Reading, ...]
    at: tuple[Reading, ...]
    at_end: tuple[Reading, ...]
    led_to: tuple[Stamped, ...]
    """What happened in that tick before the alarm."""
    told_before: tuple[tuple[int, str], ...]
    """What the pump was told last before it: tick and name."""
    latched: str
    counterfactuals: tuple[Counterfactual, ...]

    @property
    def nearest(self) -> tuple[Counterfactual, ...]:
        """Those that have an answer."""
        return tuple(one for one in self.counterfactuals if one.needed is not None)
