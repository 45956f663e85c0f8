"""Knows how people write spans of pump time and times of day; it must not know what they are for."""

from __future__ import annotations

import re

from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TICKS_PER_WEEK

# A month is 30.4375 days (SEMANTICS.md, life limit of 84 months).
UNIT_TICKS = {
    "mo": 26_298_000,
    "w": TICKS_PER_WEEK,
    "d": TICKS_PER_DAY,
    "h": TICKS_PER_HOUR,
    "min": TICKS_PER_MINUTE,
    "s": TICKS_PER_SECOND,
    "t": 1,
}
DIGITS_MAX = 20
EXAMPLE = "a duration with units such as '90d 12h 30s 250t' (mo w d h min s t)"
PATTERN = r"^\s*(\d+\s*(mo|w|d|h|min|s|t)\s*)+$"
CLOCK_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"
_PART = re.compile(r"(\d[\d_]*)\s*([a-z]+)\s*")


def parse_duration(text: str) -> int:
    """Ticks of `90d 12h 30s 250t`; each unit at most once. Raises ValueError that says what was expected."""
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise ValueError(f"expected {EXAMPLE}")
    units = [unit for _, unit in parts]
    for count, unit in parts:
        if unit not in UNIT_TICKS:
            hint = "; minutes are 'min', months 'mo'" if unit == "m" else ""
            raise ValueError(f"unit {unit!r} is not known{hint}; expected {EXAMPLE}")
        if len(count) > DIGITS_MAX:
            raise ValueError(f"a count of {len(count)} digits; expected at most {DIGITS_MAX}")
        if units.count(unit) > 1:
            raise ValueError(f"unit {unit!r} stands twice; expected each unit once")
    return sum(int(count) * UNIT_TICKS[unit] for count, unit in parts)


def format_duration(ticks: int) -> str:
    """`3d 12h 5t`; what `parse_duration` reads back to the same ticks. Negative spans get a leading minus."""
    if ticks < 0:
        return "-" + format_duration(-ticks)
    parts = []
    for unit in ("d", "h", "min", "s", "t"):
        count, ticks = divmod(ticks, UNIT_TICKS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def parse_clock(text: str) -> int:
    """Minute of the day of `06:30`. Raises ValueError."""
    if not re.match(CLOCK_PATTERN, text):
        raise ValueError("expected a time of day such as '06:30'")
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
