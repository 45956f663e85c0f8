"""Knows the JSON that `check --json` prints; it must not print it. The schema's number rises when a key changes meaning."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from pumpbench.hil.conformance import Check, Conformance, Result, judged
from pumpbench.protocol.codes import Level

SCHEMA: Final = "pumpbench.check/1"


def as_json(target: str, suite: Conformance, results: Sequence[Result], seed: int) -> dict[str, Any]:
    """`{schema, verdict, ..., checks}`. Counts and ticks are numbers, the build id hexadecimal text, `wall_s` seconds."""
    verdict, reason = judged(results)
    tally = suite.tally
    messages, refusals = tally.untold()
    return {
        "schema": SCHEMA,
        "verdict": str(verdict),
        "reason": reason,
        "target": target,
        "build_id": f"{suite.identified.build_id:016x}",
        "level": Level.name_of(suite.level),
        "claimed_level": Level.name_of(suite.claimed),
        "seed": seed,
        "outcomes": dict(Counter(one.outcome for one in results)),
        "frames": tally.frames,
        "ticks": tally.ticks,
        "compared": sum(one.compared for one in results),
        "bad_frames": tally.bad_frames,
        "missing_frames": tally.missing_frames,
        "repeated_requests": tally.repeated_requests,
        "messages": dict(tally.messages),
        "refusals": dict(tally.refusals),
        "not_provoked": [*messages, *refusals],
        "checks": [_result(one) for one in results],
    }


def checks_as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """What `--list` shows."""
    return {"schema": SCHEMA, "checks": [_check(one) for one in checks]}


def _check(one: Check) -> dict[str, Any]:
    return {"id": one.id, "statement": one.statement, "section": one.section, "level": Level.name_of(one.level)}


def _result(one: Result) -> dict[str, Any]:
    return {
        **_check(one.check),
        "outcome": one.outcome,
        "reason": one.reason,
        "field": one.field,
        "expected": one.expected,
        "got": one.got,
        "tick": one.tick,
        "compared": one.compared,
        "frames": one.frames,
        "ticks": one.ticks,
        "wall_s": round(one.wall_s, 3),
    }
