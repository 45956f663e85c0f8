"""Units are read off a name's suffix: the longest that fits, a bound put aside."""

import pytest

from pumpbench.protocol.messages import REGISTRY
from pumpbench.protocol.units import UNITS, suffix_of, unit_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("rate_nl_per_day", "nl/day"),
        ("rate_nl_per_day_max", "nl/day"),
        ("battery_nc_low", "nC"),
        ("concentration_ug_per_ml", "ug/ml"),
        ("tick", "tick"),
        ("life_ticks", "ticks"),
        ("period_ms", "ms"),
        ("size_bytes", "bytes"),
        ("mode", ""),
        ("gross", ""),
        ("max", ""),
    ],
)
def test_unit_is_read_off_the_suffix(name: str, unit: str) -> None:
    assert unit_of(name) == unit


def test_unit_suffix_wins_by_length_for_every_unit() -> None:
    assert [s for s in UNITS if suffix_of(f"some_{s}") != s] == []


def test_every_quantity_of_the_wire_names_a_unit_or_is_a_plain_number() -> None:
    odd = [
        f.name
        for layout in REGISTRY.layouts()
        for f in layout
        if any(w in f.name.split("_") for w in ("dose", "rate")) and not f.unit
    ]
    assert odd == []
