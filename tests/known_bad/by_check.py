"""Knows how a check of the conformance suite judges a build that is a library; it works no figure out itself."""

from pumpbench.hil.conformance import Check, Conformance
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.verdict import Verdict
from tests.known_bad.finding import Finding
from tests.known_bad.library_target import LibraryTarget


def judged(check: Check, library: NativeLibrary) -> Finding | None:
    """The first fact that the device does not keep; an answer that never comes is one, too."""
    with LibraryTarget(library) as target:
        (result,) = Conformance(target, patience_s=float("inf")).run((check,))
    if result.verdict in (Verdict.PASS, None):
        return None
    return Finding(result.tick, (result.field or str(result.verdict),), result.reason)
