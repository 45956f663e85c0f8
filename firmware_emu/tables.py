"""Knows the hand-written tables as data that another implementation's can be compared with; it must not know the other."""

from __future__ import annotations

from typing import Any

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.firmware_emu.therapy import TRANSITIONS


def export_tables() -> dict[str, Any]:
    """JSON-able: alarms as [name, class, source] by number, transitions as request -> outcome by therapy state."""
    return {
        "alarms": [[row.name, row.alarm_class, row.source] for row in ALARMS],
        "transitions": {request: list(outcomes) for request, outcomes in TRANSITIONS.items()},
    }
