"""Two recordings, or a recording and a target, side by side: what differs first, and what follows from it. Prints nothing."""

from pumpbench.hil.diff.book import Cause, Consequence, Diff, Moment
from pumpbench.hil.diff.diff import diff_of, diff_with

__all__ = ["Cause", "Consequence", "Diff", "Moment", "diff_of", "diff_with"]
