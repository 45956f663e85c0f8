"""Works out how accurately a pump delivered, by windows of observation; it claims no conformity to any standard.

The curve is that of IEC 60601-2-24, as its formula is widely told (unsourced); the windows suit the rates of implants.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from pumpbench.hil.rerun.course import FINE_TICKS, Sample
from pumpbench.protocol.limits import PL_PER_NL, Q_PER_NL, STEP_NL, TICKS_PER_MINUTE

WINDOWS_MINUTES: Final = (15, 60, 150, 330, 570, 930, 1_440, 4_320, 10_080)
Q_PER_PL: Final = Q_PER_NL // PL_PER_NL


class Window(NamedTuple):
    """Largest and smallest error over all windows of that length, in percent of what was asked within each.

    `step_percent`: one motor step, of what a window asked for on average: what quantisation alone can do. `samples`: how many
    windows there were.
    """

    minutes: int
    highest_percent: float
    lowest_percent: float
    step_percent: float
    samples: int


class Accuracy(NamedTuple):
    """`overall_percent` is the error over the whole span; `windows` those that the span holds and in which anything was asked."""

    first_tick: int
    last_tick: int
    overall_percent: float
    windows: tuple[Window, ...]


def accuracy_of(samples: Sequence[Sample]) -> Accuracy | None:
    """From samples `FINE_TICKS` apart; None where nothing was asked of the pump."""
    if len(samples) < 2 or samples[-1].asked_q == samples[0].asked_q:
        return None
    asked_pl = np.array([one.asked_q / Q_PER_PL for one in samples])
    delivered_pl = np.array([one.delivered_pl for one in samples], dtype=float)
    found = (_window(minutes, asked_pl, delivered_pl) for minutes in WINDOWS_MINUTES)
    overall = 100 * (float(delivered_pl[-1] - delivered_pl[0]) / float(asked_pl[-1] - asked_pl[0]) - 1)
    return Accuracy(samples[0].tick, samples[-1].tick, overall, tuple(one for one in found if one is not None))


def _window(minutes: int, asked_pl: np.ndarray, delivered_pl: np.ndarray) -> Window | None:
    size = minutes * TICKS_PER_MINUTE // FINE_TICKS
    if size >= len(asked_pl):
        return None
    asked, delivered = asked_pl[size:] - asked_pl[:-size], delivered_pl[size:] - delivered_pl[:-size]
    asked, delivered = asked[asked > 0], delivered[asked > 0]
    if not len(asked):
        return None
    errors = 100 * (delivered / asked - 1)
    step = 100 * STEP_NL * PL_PER_NL / float(asked.mean())
    return Window(minutes, float(errors.max()), float(errors.min()), step, len(errors))
