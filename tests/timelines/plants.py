"""Knows every wrong fact worth planting: each number both sides share, one off; each flag of an event, turned over."""

import re
from collections.abc import Iterator
from typing import Final

from tests.support import ROOT
from tests.timelines.planting import Plant

LIMITS: Final = "protocol/limits.py"
EVENTS: Final = "firmware_emu/events.py"
BATTERY: Final = "firmware_emu/battery_table.py"

# Facts of the wire and of layouts: frames, declarations and their own tests hold them, or the pump does not use them.
OF_OTHERS: Final = {
    "FRAME_WIRE_BYTES_MAX", "FRAME_DECODED_BYTES_MAX", "PROTOCOL_VERSION", "FLEX_STEPS_ON_WIRE", "LOG_PAGE_ENTRIES",
    "SNAPSHOT_PAGE_BYTES", "NO_CUT_WORDS", "BATTERY_TABLE_POINTS", "TICK_MS", "TICKS_PER_SECOND", "ERASED",
}  # fmt: skip
# Sizes that the code lists and the layouts fix: a wrong one does not compile, or does not live long enough to disagree.
FIXED_SIZES: Final = {"ALARM_COUNT", "FLEX_SCHEDULES"}
# These always come in one tick with another event that calls for the same check-point, so the flag alone shows nowhere.
NEVER_ALONE: Final = {
    "UPDATE_INTERRUPTED", "BOLUS_CANCELLED", "REFILL_DISCREPANCY", "EMPTY_ENTERED", "EMPTY_LEFT", "SAFE_STATE_ENTERED",
    "ENDED", "ERI_REACHED", "STALL_DETECTED", "STALL_RECOVERED", "MEMORY_FAULT", "MASKED_FAULT",
}  # fmt: skip
# Emitted while the controller does not run: it is an effect only, whatever its row says.
EFFECT_ONLY: Final = {"RESET"}


def all_plants() -> list[Plant]:
    """Every plant, in the order of the declarations."""
    return [*_limits(), *_events(), *_points()]


def _limits() -> Iterator[Plant]:
    for found in re.finditer(r"^(\w+): Final = ([\w]+).*$", (ROOT / LIMITS).read_text(), re.MULTILINE):
        name, value = found[1], int(found[2], 0)
        if name not in OF_OTHERS | FIXED_SIZES:
            for wrong in (value - 1, value + 1):
                yield Plant(LIMITS, found[0], f"{name}: Final = {wrong}")


def _events() -> Iterator[Plant]:
    for found in re.finditer(r"EventFact\(Event\.(\w+), (True|False), (True|False),", (ROOT / EVENTS).read_text()):
        name, logged, checkpoint = found[1], found[2] == "True", found[3] == "True"
        if name not in EFFECT_ONLY:
            yield Plant(EVENTS, found[0], f"EventFact(Event.{name}, {not logged}, {checkpoint},")
        if name not in EFFECT_ONLY | NEVER_ALONE:
            yield Plant(EVENTS, found[0], f"EventFact(Event.{name}, {logged}, {not checkpoint},")


def _points() -> Iterator[Plant]:
    for point in re.findall(r"\d_\d{3}", (ROOT / BATTERY).read_text()):
        yield Plant(BATTERY, point, str(int(point) + 1))
