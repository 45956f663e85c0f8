"""The arithmetic of much telemetry at once, as `saying` has it for one frame; it runs nothing and finds no fault."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pumpbench.hil.capture.rows import Rows
from pumpbench.hil.ledger.saying import LOW_32
from pumpbench.protocol.limits import Q_PER_NL, STEP_Q

Column = npt.NDArray[np.int64]


def more_q_of(rows: Rows, steps: Column, owed_nl: Column) -> Column:
    """Of each row what `given_more_q` says of it and of telemetry that tells these steps and this owed volume."""
    more_steps = (rows["step_count"].astype(np.int64) - steps + LOW_32 // 2 & LOW_32) - LOW_32 // 2
    return more_steps * STEP_Q + (rows["owed_nl"].astype(np.int64) - owed_nl) * Q_PER_NL


def changes(values: Column, before: int) -> list[int]:
    """Places whose value is not that of the place before."""
    places: list[int] = np.flatnonzero(np.diff(values, prepend=before)).tolist()
    return places


def held_at(seen: Sequence[tuple[int, int, int]], ticks: npt.NDArray[np.uint64]) -> tuple[Column, Column]:
    """(tick, one value, other value) each hold until the next of `seen`; both at each tick. What is past is as at the latest."""
    starts, one, other = np.array(seen, np.int64).T
    places = np.searchsorted(starts, np.maximum.accumulate(ticks.astype(np.int64)).clip(starts[0]), side="right") - 1
    return one[places], other[places]


def next_tick(ticks: npt.NDArray[np.uint64], tick: int) -> int:
    """The next of them, past ones being now, after a tick that is not the last."""
    reached = np.maximum.accumulate(ticks)
    return int(reached[np.searchsorted(reached, np.uint64(tick), side="right")])
