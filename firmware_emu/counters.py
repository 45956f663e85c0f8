"""Knows what a device's link has counted; outside every digest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Named as the fields of `LinkCounters`."""

    good_frame_count: int = 0
    bad_frame_count: int = 0
    refused_frame_count: int = 0
    retried_frame_count: int = 0
    unknown_type_count: int = 0
    overrun_bytes: int = 0
    late_tick_count: int = 0
    dropped_telemetry_count: int = 0
