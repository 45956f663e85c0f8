"""Rest voltage of the battery against its charge; data of the modelled cell, no behaviour."""

from __future__ import annotations

from typing import Final

# Point i is the rest voltage at i sixteenths of the capacity; unsourced.
BATTERY_REST_MV: Final = (
    1_900, 2_350, 2_520, 2_600, 2_650, 2_690, 2_720, 2_745, 2_770, 2_790, 2_810, 2_830, 2_850, 2_875, 2_910, 2_960, 3_050,
)  # fmt: skip
