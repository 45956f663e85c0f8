"""The conformance suite: facts of SPEC.md and SEMANTICS.md, each checked on a device through its link alone; it prints nothing.

    with open_target("native") as target:                     # or any other `Target`
        suite = Conformance(target, level=None, seed=1)       # asks who answers; level: less than the target claims
        for result in suite.run(select("session.*")):         # select() alone is every check; stopping early is fine
            result.check.id, result.outcome, result.reason    # "pass", "fail", "inconclusive", "error", "left out"
            result.field, result.expected, result.got, result.tick, result.check.section
        verdict, reason = judged(results)

A check is a function of `checks/`, declared by `@check(id, section, level)`, that gets the device as a `Subject`: `start()`,
`open()`, `ask(message)`, `refused(message, code, limit, value)`, `at(tick)`, `expect(field, got, expected)`. Figures are worked
out from the page, not read off an implementation; only the groups `reference` and `timeline` ask the reference as well.
"""

from pumpbench.hil.conformance.check import Check, all_checks, select
from pumpbench.hil.conformance.result import LEFT_OUT, Result, judged, verdict_of
from pumpbench.hil.conformance.runner import PATIENCE_S, Conformance

__all__ = ["LEFT_OUT", "PATIENCE_S", "Check", "Conformance", "Result", "all_checks", "judged", "select", "verdict_of"]
