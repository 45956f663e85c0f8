"""Compares two recordings and groups what differs under its causes; a target takes part by playing the recording first."""

from collections.abc import Callable
from typing import Final, Literal

from pumpbench.hil.compare import Comparer
from pumpbench.hil.diff.book import Cause, Diff, Moment, Word
from pumpbench.hil.diff.exact import Exact, exact_of
from pumpbench.hil.diff.played import played_on
from pumpbench.hil.diff.said import Agreement, Said
from pumpbench.hil.diff.session import diff_of_session
from pumpbench.hil.diff.span import is_beyond, up_to
from pumpbench.hil.diff.told import moment_of, pairs_of, start_moment, told_to
from pumpbench.hil.replay.recorded import Gap, Recorded
from pumpbench.hil.replay.replay import header_gaps, same_state_layout, sureness_of
from pumpbench.hil.rerun import script_of
from pumpbench.hil.targets import Target
from pumpbench.hil.verdict import Verdict

BEFORE: Final = -2
Opener = Callable[[str], Target]


def diff_of(
    a: Recorded,
    b: Recorded,
    names: tuple[str, str],
    opener: Opener | None = None,
    live: Target | None = None,
    until_tick: int | None = None,
) -> Diff:
    """As far as both go, or up to `until_tick`.

    `opener` opens the emulator and the firmware, to look for the exact tick; None: nobody asks for that. `live`: the target
    behind B, where it was not a recording.
    """
    if until_tick is not None:
        a, b = up_to(a, until_tick), up_to(b, until_tick)
    ends = a.last_tick, b.last_tick
    a, b = up_to(a, min(ends)), up_to(b, min(ends))
    comparer = comparer_of(a, b)
    pairs = list(pairs_of(told_to(a), told_to(b)))
    said = Said(a, b, pairs, comparer)
    found: list[tuple[int, int, Moment | Agreement]] = list(said.moments())
    told = [(moment.tick, 2 * order, moment) for order, pair in enumerate(pairs) if (moment := moment_of(pair)) is not None]
    if (start := start_moment(a, b)) is not None:
        told.insert(0, (0, BEFORE, start))
    if not comparer.whole:  # else no telemetry, which has none, is witness to anything
        found = [*said.agreements_before([one[0] for one in (*found, *told)]), *found]
    within = [one for one in (*found, *told) if isinstance(one[2], Agreement) or not is_beyond(one[2], ends)]
    causes = _causes(sorted(within, key=lambda one: one[:2]), comparer.whole)
    gaps = tuple((*side.gaps, *header_gaps(side.header)) for side in (a, b))
    word, reason, code = _judge(causes, (gaps[0], gaps[1]), comparer, ends)
    exact = _exact(a, b, causes, opener, live)
    return Diff(
        names=names,
        word=word,
        reason=reason,
        exit_code=code,
        causes=tuple(causes),
        gaps=(gaps[0], gaps[1]),
        frames_compared=comparer.frames,
        digests_compared=comparer.digests_compared,
        told_compared=len(pairs),
        unpaired_reports=said.unpaired_reports,
        not_judged=dict(comparer.not_compared),
        is_short=word == "lossy" and ends[0] != ends[1] and min(ends) > 0 and not causes and not any(gaps),
        plantless={"theirs": "A", "ours": "B"}.get(comparer.plantless, ""),
        ticks=ends,
        sureness=sureness_of(a),
        exact=exact.divergence,
        exact_names=exact.names,
        not_exact=exact.why_not,
    )


def comparer_of(a: Recorded, b: Recorded) -> Comparer:
    """By what the headers say of state and plant."""
    without = a.plant_outside, b.plant_outside
    digests = same_state_layout(a.header) and same_state_layout(b.header)
    plantless: Literal["", "theirs", "ours"] = "" if without[0] == without[1] else "theirs" if without[0] else "ours"
    return Comparer(digests=digests, plants=not any(without), plantless=plantless)


def diff_with(a: Recorded, target: Target, name: str, opener: Opener | None = None, until_tick: int | None = None) -> Diff:
    """B is what the target answers when it is told what A tells. Raises `NoStart`, `RigBroken` or a `LinkError`.

    A recording that is not exact is compared in what a replay may judge of it.
    """
    if until_tick is not None:
        a = up_to(a, until_tick)
    if sureness_of(a) != "exact":
        return diff_of_session(a, target, name)
    return diff_of(a, played_on(script_of(a), target), (name, target.name), opener, target)


def _causes(found: list[tuple[int, int, Moment | Agreement]], digests: bool) -> list[Cause]:
    """In order. What comes after a cause follows from it, until digests of the whole state agree again: then both are in one
    state, and nothing can follow from before. Without such digests (`digests` False) the last frames that agree must do.
    """
    causes: list[Cause] = []
    agreed_tick = 0
    for tick, _, one in found:
        last = causes[-1] if causes else None
        if isinstance(one, Agreement):
            if one.whole and last is not None and last.healed_tick is None and tick >= last.first.tick:
                last.healed_tick = tick
            if one.whole or not digests:
                agreed_tick = tick
        elif one.side == "told":
            if last is not None and last.first.side == "told" and last.healed_tick is None:
                last.moments.append(one)
            else:
                causes.append(Cause(tick, [one]))
        elif last is None or last.healed_tick is not None:
            causes.append(Cause(min(agreed_tick, tick), [one]))
        else:
            last.add(one)
    return causes


def _judge(
    causes: list[Cause], gaps: tuple[tuple[Gap, ...], tuple[Gap, ...]], comparer: Comparer, ends: tuple[int, int]
) -> tuple[Word, str, int]:
    both = sorted([*gaps[0], *gaps[1]], key=lambda gap: gap.tick)
    if causes:
        first = causes[0].first
        headline = first.headline
        blind = [gap for gap in both if gap.tick <= first.tick and (gap.side != "device" or _is_absence(first))]
        if blind:
            return "lossy", f"they differ ({headline}), but after a gap ({blind[0]})", Verdict.INCONCLUSIVE.exit_code
        return "different", headline, Verdict.FAIL.exit_code
    if both:
        return "lossy", f"no difference, but there are gaps; the first: {both[0]}", Verdict.INCONCLUSIVE.exit_code
    if comparer.frames == 0:
        return "lossy", "nothing was compared", Verdict.INCONCLUSIVE.exit_code
    agree = f"{comparer.frames:,} frames and {comparer.digests_compared:,} digests agree up to tick {min(ends)}"
    if ends[0] != ends[1]:
        shorter, longer = ("A", "B") if ends[0] < ends[1] else ("B", "A")
        what = f"{agree}, where {shorter} ends; {longer} goes on to tick {max(ends)}"
        return "lossy", what, Verdict.INCONCLUSIVE.exit_code
    return "same", agree, Verdict.PASS.exit_code


def _is_absence(moment: Moment) -> bool:
    return None in moment.seqs


def _exact(a: Recorded, b: Recorded, causes: list[Cause], opener: Opener | None, live: Target | None) -> Exact:
    if not causes:
        return Exact()
    first = causes[0]
    if first.first.side == "told":
        return Exact(why_not="what they were told is there to read, at its very tick")
    if opener is None:
        return Exact(why_not="not asked for")
    if sureness_of(a) != "exact" or (live is None and sureness_of(b) != "exact"):
        return Exact(why_not="only exact recordings can be run again")
    return exact_of(a, b, first, opener, live)
