"""The rules of a recording's evidence: what a replay of it may be said to show; it plays and compares nothing."""

from typing import Final, Literal, NamedTuple

from pumpbench.hil.compare import WHOLE_FRAME
from pumpbench.hil.replay.player import NOTHING, Played
from pumpbench.hil.replay.recorded import Gap
from pumpbench.hil.verdict import Verdict

Sureness = Literal["exact", "anchored", "observed"]
REPEATED: Final = ", of the same build as was recorded: it repeats itself, which is no agreement of two implementations"
REBUILT: Final = ", of two builds of firmware: they do the same, which is no agreement of two implementations"
UNKNOWN_START: Final = "no snapshot opens the recording, so the state it began in is unknown"
READ_ALONE: Final = " in what program, status and log settle; nothing else is judged, since it depends on what nobody read"
Judged = tuple[Verdict, str]


class Kinship(NamedTuple):
    """What the two sides have in common. `itself`: the emulator met itself, or who was recorded is not known."""

    itself: bool
    same_build: bool
    independent: bool

    @property
    def said(self) -> str:
        return "" if self.independent else REPEATED if self.same_build else REBUILT


def judged(sureness: Sureness, gaps: list[Gap], played: Played, kin: Kinship, missed: str = "") -> Judged:
    """The strongest reason first. `missed`: the rig's own noise, in words, where it is over its budget."""
    if sureness == "observed" or (sureness == "anchored" and not played.presumed):
        return Verdict.INCONCLUSIVE, f"{sureness}: {UNKNOWN_START}{_differs(played)}"
    if played.differences:
        return _of_difference(gaps, played)
    if gaps:
        return Verdict.INCONCLUSIVE, f"no difference, but the recording has gaps; the first: {gaps[0]}"
    if missed:
        return Verdict.INCONCLUSIVE, missed
    if played.strayed:
        return Verdict.INCONCLUSIVE, f"anchored: what nobody read decides from {played.strayed}"
    if played.comparer.frames == 0:
        return Verdict.INCONCLUSIVE, "nothing was compared"
    if kin.itself:
        return Verdict.INCONCLUSIVE, "recorded from the emulator and replayed on it: that compares it with itself"
    part = f" from tick {played.from_tick} on" if played.from_tick else ""
    part += f" up to tick {played.tick}, where it was ended" if played.ended else ""
    only = READ_ALONE if sureness == "anchored" else ""
    return Verdict.PASS, f"{played.comparer.frames} frames agree{part}{only}{kin.said}"


def _of_difference(gaps: list[Gap], played: Played) -> Judged:
    found = played.differences[0]
    blind = [gap for gap in gaps if gap.side != "device" and gap.tick <= found.tick]
    if blind:
        return Verdict.INCONCLUSIVE, f"they differ ({found.replayed}), but after a gap in what the pump was told ({blind[0]})"
    lost = [gap for gap in gaps if gap.tick <= found.tick]
    if lost and found.field == WHOLE_FRAME and found.theirs == NOTHING:
        return Verdict.INCONCLUSIVE, f"they differ ({found.replayed}), but that may be what the recording lost ({lost[0]})"
    return Verdict.FAIL, f"first difference: {found.replayed}"


def _differs(played: Played) -> str:
    return f"; they differ: {played.differences[0].replayed}" if played.differences else ""
