"""How far two recordings go together, and what of one lies up to a tick; it compares nothing."""

from bisect import bisect_left
from dataclasses import replace

from pumpbench.hil.compare import WHOLE_FRAME
from pumpbench.hil.diff.book import Moment
from pumpbench.hil.replay.heard import Heard
from pumpbench.hil.replay.player import NOTHING
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import act_of
from pumpbench.protocol.frame import Frame


def up_to(recorded: Recorded, tick: int) -> Recorded:
    """Without what was told or said after `tick`. Every gap stays, since one may be told of late."""
    if tick >= recorded.last_tick:
        return recorded
    acts = [act_of(request) for request in recorded.requests]
    kept = [place for place, act in enumerate(acts) if act is None or act.tick <= tick]
    return replace(
        recorded,
        requests=[recorded.requests[place] for place in kept],
        plant_inputs=[(bisect_left(kept, place), one) for place, one in recorded.plant_inputs if one.tick <= tick],
        unasked=_heard_up_to(recorded.unasked, tick),
        last_tick=tick,
    )


def _heard_up_to(heard: Heard, tick: int) -> Heard:
    kept = Heard(in_rows=heard.has_rows)
    for piece in heard.pieces():
        if not isinstance(piece, Frame):
            kept.extend(piece[piece["header_tick"] <= tick])
        elif piece.head[7] <= tick:
            kept.append(piece)
    return kept


def is_beyond(moment: Moment, ends: tuple[int, int]) -> bool:
    """Whether it only shows that one side ended first: in its last tick it may have done so before what the other has there."""
    if ends[0] == ends[1] or moment.tick != min(ends) or moment.differences[0].field != WHOLE_FRAME:
        return False
    shorter = moment.differences[0].theirs if ends[0] < ends[1] else moment.differences[0].ours
    return bool(shorter == NOTHING)
