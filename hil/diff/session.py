"""A recording that tells no whole start, beside a target: what a replay may compare of it, told as a diff."""

from typing import Final

from pumpbench.hil.compare import Comparer
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.diff.book import Cause, Diff, Moment, Word
from pumpbench.hil.replay.judging import Kinship, judged
from pumpbench.hil.replay.player import Played, Player
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.replay import header_gaps, same_state_layout, sureness_of
from pumpbench.hil.targets import Target
from pumpbench.hil.verdict import Verdict

WORDS: Final[dict[Verdict, Word]] = {Verdict.PASS: "same", Verdict.FAIL: "different"}
NOT_ASKED: Final = Kinship(itself=False, same_build=False, independent=True)
"""Whether two agree is one question; what their agreement is worth is another, which `replay` answers."""


def diff_of_session(a: Recorded, target: Target, name: str) -> Diff:
    """Up to the first frame that differs. Raises `RigBroken` or a `LinkError`."""
    comparer = Comparer(digests=same_state_layout(a.header))
    agreed_tick = 0

    def agreed(played: Played) -> None:
        nonlocal agreed_tick
        if not played.differences:
            agreed_tick = played.tick

    played = Player(Conversation(target.link), a, comparer).play(agreed)
    gaps = (*a.gaps, *header_gaps(a.header), *played.gaps)
    verdict, reason = judged(sureness_of(a), list(gaps), played, NOT_ASKED)
    causes = _causes(played, agreed_tick)
    if verdict is Verdict.PASS:
        reason = f"up to tick {played.tick} {reason}"
    return Diff(
        names=(name, target.name),
        word=WORDS.get(verdict, "lossy"),
        reason=causes[0].first.headline if verdict is Verdict.FAIL else reason,
        exit_code=verdict.exit_code,
        causes=causes,
        gaps=(gaps, ()),
        frames_compared=comparer.frames,
        digests_compared=comparer.digests_compared,
        told_compared=played.requests,
        unpaired_reports=0,
        ticks=(a.last_tick, played.tick),
        sureness=sureness_of(a),
        not_judged=dict(comparer.not_compared),
        not_exact="only exact recordings can be run again",
    )


def _causes(played: Played, agreed_tick: int) -> tuple[Cause, ...]:
    if not played.differences:
        return ()
    first = played.differences[0]
    moment = Moment(first.tick, "said", first.message, (None, None), tuple(played.differences))
    return (Cause(min(agreed_tick, first.tick), [moment]),)
