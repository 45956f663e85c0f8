"""Knows how people write spans of their own time, as in --wait 10m; pump time is hil/scenario/duration's."""

import re
from typing import Final

from pumpbench.tools.failure import Failed

UNIT_S: Final = {"s": 1, "m": 60, "min": 60, "h": 3600}


def parse_wait(text: str, place: str) -> float:
    """Seconds of `10m`, `1h 30min` or `90s`. Raises `Failed`, naming `place`."""
    parts = re.findall(r"(\d+)\s*(min|[smh])\s*", text)
    if not parts or re.fullmatch(r"\s*(\d+\s*(min|[smh])\s*)+", text) is None:
        raise Failed(f"{place} {text!r}: expected a time such as 30s, 10m or 1h")
    return float(sum(int(count) * UNIT_S[unit] for count, unit in parts))
