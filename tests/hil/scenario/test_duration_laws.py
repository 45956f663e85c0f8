"""Durations: what is written is read back, and only units make a number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.scenario.duration import CLOCK_PATTERN, PATTERN, format_duration, parse_clock, parse_duration


@given(st.integers(0, 10**13))
def test_duration_reads_back_to_its_ticks_whenever_written(ticks: int) -> None:
    text = format_duration(ticks)
    assert parse_duration(text) == ticks
    assert re.match(PATTERN, text), "editors must accept what we write"


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("90d", 77_760_000),
        ("3d 12h", 3_024_000),
        ("30s", 300),
        ("250t", 250),
        ("84mo", 2_209_032_000),
        ("1h30min", 54_000),
        ("1w", 6_048_000),
    ],
)
def test_duration_has_known_ticks_for_known_text(text: str, ticks: int) -> None:
    assert parse_duration(text) == ticks


@pytest.mark.parametrize("text", ["", "90", "90 d d", "5m", "d", "-1d", "1.5d", "1d 1d", "90d,12h", "1D"])
def test_duration_is_refused_when_a_unit_is_missing_or_strange(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_duration(text)


@given(st.integers(0, 1_439))
def test_clock_reads_back_to_its_minute_whenever_written(minute: int) -> None:
    text = f"{minute // 60:02}:{minute % 60:02}"
    assert parse_clock(text) == minute
    assert re.match(CLOCK_PATTERN, text)


@pytest.mark.parametrize("text", ["24:00", "6:30", "06:60", "0630", ""])
def test_clock_is_refused_when_it_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_clock(text)
