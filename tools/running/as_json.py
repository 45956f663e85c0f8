"""Knows the JSON that `run --json` prints; it must not print it. The schema's number rises when a key changes meaning."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from pumpbench.hil.rig import RigResult
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm
from pumpbench.tools.running.outcome import Outcome

SCHEMA: Final = "pumpbench.run/1"


def as_json(outcomes: Sequence[Outcome], verdict: Verdict) -> dict[str, Any]:
    """`{schema, verdict, results}`. Counts are numbers, times are in ticks, `wall_s` in seconds."""
    return {"schema": SCHEMA, "verdict": str(verdict), "results": [_result(one) for one in outcomes]}


def _result(outcome: Outcome) -> dict[str, Any]:
    rig, result = outcome.rig, outcome.result
    verdict, reason = outcome.judged
    return {
        "scenario": outcome.scenario.source.removesuffix(".toml"),
        "target": outcome.target,
        "topology": outcome.topology,
        "verdict": str(verdict),
        "reason": reason,
        "ticks": outcome.ticks,
        "dense_ticks": rig.dense_ticks if rig else 0,
        "leaps": rig.leaps if rig else 0,
        "credits": rig.credits if rig else 0,
        "digests": rig.digests_compared if rig else 0,
        "effects": rig.effects_compared if rig else 0,
        "frames": rig.frames_compared if rig else 0,
        "seed": outcome.seed,
        "alarms": [
            {"alarm": Alarm.name_of(one.alarm), "raised_tick": one.raised_tick, "cleared_tick": one.cleared_tick}
            for one in (result.alarms if result else ())
        ],
        "wall_s": round(outcome.wall_s, 3),
        "speedup": round(outcome.speedup, 1),
        "capture": None if outcome.capture is None else str(outcome.capture),
        "events": None if outcome.event_log is None else str(outcome.event_log),
        "independent": outcome.independent,
        "rig": _rig(rig),
        "wire": _wire(outcome),
        "difference": None if rig is None or rig.first_difference is None else str(rig.first_difference),
    }


def _rig(rig: RigResult | None) -> dict[str, Any] | None:
    """What the rig measured of itself and the budget it was held to."""
    if rig is None or rig.measured is None or rig.budget is None:
        return None
    return {**asdict(rig.measured), "budget": asdict(rig.budget), "missed": rig.measured.missed(rig.budget) or None}


def _wire(outcome: Outcome) -> dict[str, Any] | None:
    """The faults that acted, by kind, and the shortest list that still fails."""
    if outcome.wire is None:
        return None
    shortest = None if outcome.shortest is None else outcome.shortest.as_dict()
    file = None if outcome.wire_file is None else str(outcome.wire_file)
    return {"acted": dict(outcome.rig.wire) if outcome.rig else {}, "shortest": shortest, "file": file}
