"""What the devices of both sides said, paired frame by frame; it groups nothing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pumpbench.hil.compare import DIGEST_FIELDS, WHOLE_FRAME, Comparer, Difference
from pumpbench.hil.diff.book import Moment
from pumpbench.hil.diff.told import Pair
from pumpbench.hil.replay.player import NOTHING
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import acts_of
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import EventNotice, Report

if TYPE_CHECKING:
    from pumpbench.hil.diff.telemetry import TelemetryDiff

Key = tuple[Any, ...]
TELEMETRY_ORDER: Final = -1
"""Of what comes unasked, notices apart: before all else of its tick."""


class Agreement(NamedTuple):
    """A pair of frames that say the same; `whole`: with digests of the whole state among it."""

    tick: int
    whole: bool


class Said:
    """Pairs and compares. `unpaired_reports` counts credits that only one side was granted."""

    def __init__(self, a: Recorded, b: Recorded, pairs: list[Pair], comparer: Comparer) -> None:
        self.comparer = comparer
        self.unpaired_reports = 0
        self._pairs = pairs
        self._sides = a, b
        self._ends = a.last_tick, b.last_tick
        self._telemetry: TelemetryDiff | None = None

    def moments(self) -> Iterator[tuple[int, int, Moment | Agreement]]:
        """(tick, order within it, what was found): telemetry first, then replies and reports as they passed, then notices, which
        also tell what requests did.
        """
        yield from self._unasked()
        for order, pair in enumerate(self._pairs):
            yield from self._replies(order, pair)
        yield from self._reports()

    def _replies(self, order: int, pair: Pair) -> Iterator[tuple[int, int, Moment | Agreement]]:
        if pair.a is None or pair.b is None or not all(act.request.wire for act in (pair.a, pair.b)):
            return  # what a bench did to a plant of its own nobody answered
        one, other = pair.a.request.reply, pair.b.request.reply
        if one is not None and other is not None:
            # A programmer counts its ids by itself.
            same_id = one._replace(head=(*one.head[:4], other.head[4], *one.head[5:]))
            yield one.head[7], 2 * order + 1, self._compared(same_id, other)
        elif one is not None or other is not None:
            frame: Any = one or other
            yield frame.head[7], 2 * order + 1, _alone(frame, is_a=one is not None)

    def _unasked(self) -> Iterator[tuple[int, int, Moment | Agreement]]:
        heard = [side.unasked for side in self._sides]
        if not any(side.has_rows for side in heard):
            yield from self._unasked_frames(*heard)
            return
        from pumpbench.hil.diff.telemetry import TelemetryDiff, apart

        a, b = (apart(side) for side in heard)
        if a is None or b is None:
            yield from self._unasked_frames(*heard)
            return
        yield from self._unasked_frames(a[1], b[1])
        self._telemetry = telemetry = TelemetryDiff(a[0], b[0])
        for one, other in telemetry.unlike():
            yield from self._pair(one, other, TELEMETRY_ORDER)
        self.comparer.frames += telemetry.agreed_count

    def agreements_before(self, ticks: list[int]) -> list[tuple[int, int, Agreement]]:
        """Of the telemetry that was compared by the thousand: the last up to each of these ticks."""
        found = [] if self._telemetry is None else self._telemetry.agreed_before(ticks)
        return [(tick, TELEMETRY_ORDER, Agreement(tick, False)) for tick in found]

    def _unasked_frames(self, of_a: Iterable[Frame], of_b: Iterable[Frame]) -> Iterator[tuple[int, int, Moment | Agreement]]:
        a, b = _counted(of_a), _counted(of_b)
        for key in {**a, **b}:
            is_notice = key[0] == layout_of(EventNotice).number
            yield from self._pair(a.get(key), b.get(key), 2 * len(self._pairs) if is_notice else TELEMETRY_ORDER)

    def _pair(self, one: Frame | None, other: Frame | None, order: int) -> Iterator[tuple[int, int, Moment | Agreement]]:
        frame: Any = one or other
        if one is not None and other is not None:
            yield frame.head[7], order, self._compared(one, other)
        # What lies beyond the end of the other side has no counterpart there.
        elif frame.head[7] <= self._ends[one is not None]:
            yield frame.head[7], order, _alone(frame, is_a=one is not None)

    def _reports(self) -> Iterator[tuple[int, int, Moment | Agreement]]:
        a, b = self._reports_of(0), self._reports_of(1)
        self.unpaired_reports = len(a.keys() ^ b.keys())
        for key in a.keys() & b.keys():
            one, other = a[key], b[key]
            same_id = one.reply._replace(head=(*one.reply.head[:4], other.reply.head[4], *one.reply.head[5:]))
            if one.stop_mask != other.stop_mask:
                same_id = self._with_reason_of(same_id, other.reply)
            yield same_id.head[7], 2 * key[1] + 2, self._compared(same_id, other.reply)

    def _with_reason_of(self, report: Frame, other: Frame) -> Frame:
        """Credits that end for other reasons say so; that is the benches' own."""
        if report.message.reason != other.message.reason:
            self.comparer.not_compared["Report.reason"] += 1
        return report._replace(message=report.message._replace(reason=other.message.reason))

    def _reports_of(self, side: int) -> dict[Key, "_Granted"]:
        """By tick, and after which pair of acts; where several stand there, the last."""
        orders = (order for order, pair in enumerate(self._pairs) if pair[side] is not None)
        found: dict[Key, _Granted] = {}
        order = -1
        for act in acts_of(self._sides[side]):
            if not act.is_grant:
                order = next(orders)
            elif act.request.reply is not None and isinstance(act.request.reply.message, Report):
                found[act.request.reply.head[7], order] = _Granted(act.request.reply, act.message.stop_mask)
        return found

    def _compared(self, one: Frame, other: Frame) -> Moment | Agreement:
        found = self.comparer.differences(one, other)
        if found:
            return Moment(other.head[7], "said", type(other.message).__name__, (one.head[3], other.head[3]), tuple(found))
        names = (
            {field.name for field in type(one.message).__layout__.fields} if hasattr(type(one.message), "__layout__") else set()
        )
        return Agreement(one.head[7], self.comparer.whole and DIGEST_FIELDS <= names)


class _Granted(NamedTuple):
    """What a credit was answered with, and what else might have ended it."""

    reply: Frame
    stop_mask: int


def _counted(frames: Iterable[Frame]) -> dict[Key, Frame]:
    """By type, boot, tick and place among their like in that tick."""
    counts: dict[Key, int] = {}
    found: dict[Key, Frame] = {}
    for frame in frames:
        key = frame.head[2], frame.head[6], frame.head[7]
        counts[key] = place = counts.get(key, -1) + 1
        found[*key, place] = frame
    return found


def _alone(frame: Frame, is_a: bool) -> Moment:
    name: Any = type(frame.message).__name__
    sides = (name, NOTHING) if is_a else (NOTHING, name)
    seqs = (frame.head[3], None) if is_a else (None, frame.head[3])
    return Moment(frame.head[7], "said", name, seqs, (Difference(frame.head[7], name, WHOLE_FRAME, "", *sides),))
