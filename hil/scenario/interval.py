"""Knows how the interval of an interval bolus is written: one number, one explicit unit; nothing of what it does.

Minutes typed for hours injured patients [F09], so the unit goes to the pump as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pumpbench.hil.scenario.kinds import MISSING, Schema
from pumpbench.hil.scenario.problem import Findings, Path
from pumpbench.protocol.codes import IntervalUnit

_FORM = r"^\d+ ?(h|min)$"
_UNITS = {"h": IntervalUnit.HOURS, "min": IntervalUnit.MINUTES}


@dataclass(frozen=True, slots=True)
class Interval:
    """`6h` or `90min`; reads as (unit, count), exactly as typed."""

    def read(self, raw: object, path: Path, findings: Findings) -> Any:
        if isinstance(raw, str) and re.match(_FORM, raw):
            unit = "min" if raw.endswith("min") else "h"
            count = int(raw.removesuffix(unit))
            if count <= 0xFFFF:
                return _UNITS[unit], count
        findings.say(path, f"{raw!r}; expected one number with its unit, hours or minutes: '6h' or '90min'")
        return MISSING

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _FORM, "examples": ["6h", "90min"]}
