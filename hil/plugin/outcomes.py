"""How a pump test can end other than by its own assertions, and the verdict each ending is; it knows no rig."""

from __future__ import annotations

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError, NotOnRecord
from pumpbench.hil.verdict import Verdict

BROKEN = (RigBroken, LinkError, CaptureError)
"""What the bench itself raises: never the pump's fault."""
TIMED_OUT = "from pytest-timeout"
"""Its message ends so: the host had no more patience, which says nothing about the pump."""


class PumpFailed(AssertionError):
    """The pump or its firmware is wrong, whatever the test itself looked at."""


class BenchBroken(Exception):
    """The bench failed. The first such failure of a test is kept: nothing seen after it counts."""


class Inconclusive(Exception):
    """Evidence is missing, or nothing independent was compared."""


class NoReply(ConnectionError):
    """The telemetry link is cut, so the pump heard nothing or its reply was lost."""


def problem_of(verdict: Verdict, reason: str) -> Exception | None:
    """What to raise for a verdict; None for a pass."""
    kinds = {Verdict.FAIL: PumpFailed, Verdict.INCONCLUSIVE: Inconclusive, Verdict.ERROR: BenchBroken}
    return kinds[verdict](reason) if verdict in kinds else None


def verdict_of(problem: BaseException | None) -> Verdict:
    """What an exception that ended a test means; None: nothing did."""
    if problem is None:
        return Verdict.PASS
    if isinstance(problem, NotOnRecord):
        return Verdict.INCONCLUSIVE
    if isinstance(problem, (BenchBroken, *BROKEN)) or TIMED_OUT in str(problem):
        return Verdict.ERROR
    return Verdict.INCONCLUSIVE if isinstance(problem, Inconclusive) else Verdict.FAIL
