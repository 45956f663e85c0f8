"""What each effect means, whether the log keeps it, and whether it calls for a check-point; facts, no behaviour."""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.protocol.codes import Event


class EventFact(NamedTuple):
    """One row: arguments are named with their units; `-` is always 0."""

    code: int
    logged: bool
    checkpoint: bool
    arg_0: str
    arg_1: str


EVENTS: Final = (
    EventFact(Event.RESET, False, False, "cause", "-"),
    EventFact(Event.BOOT_COMPLETED, True, True, "cause", "boot_count"),
    EventFact(Event.SESSION_OPENED, False, False, "role", "open_count"),
    EventFact(Event.SESSION_CLOSED, False, False, "role", "-"),
    EventFact(Event.SESSION_TIMEOUT, False, False, "role", "-"),
    EventFact(Event.PROGRAM_STAGED, False, False, "program_id", "-"),
    EventFact(Event.UPDATE_STARTED, True, True, "program_id", "slot"),
    EventFact(Event.PROGRAM_COMMITTED, True, True, "program_id", "store_seq"),
    EventFact(Event.UPDATE_FAILED, True, True, "program_id", "slot"),
    EventFact(Event.UPDATE_INTERRUPTED, True, False, "slot", "-"),
    EventFact(Event.DELIVERY_RESTARTED, False, False, "state", "-"),
    EventFact(Event.STOPPED, True, True, "state_before", "-"),
    EventFact(Event.RESUMED, True, True, "-", "-"),
    EventFact(Event.FLEX_STEP, False, False, "index", "rate_nl_per_day"),
    EventFact(Event.BOLUS_STARTED, True, True, "kind", "volume_nl"),
    EventFact(Event.BOLUS_ENDED, True, True, "kind", "request_id"),
    EventFact(Event.BOLUS_CANCELLED, True, True, "kind", "owed_nl"),
    EventFact(Event.BOLUS_REFUSED, True, False, "refusal", "request_id"),
    EventFact(Event.INTERVAL_DROPPED, True, False, "-", "-"),
    EventFact(Event.REFILLED, True, True, "fill_nl", "measured_nl"),
    EventFact(Event.REFILL_DISCREPANCY, True, True, "more_nl", "less_nl"),
    EventFact(Event.EMPTY_ENTERED, True, True, "estimated_nl", "-"),
    EventFact(Event.EMPTY_LEFT, True, True, "state", "-"),
    EventFact(Event.SAFE_STATE_ENTERED, True, True, "state_before", "-"),
    EventFact(Event.ENDED, True, True, "state_before", "-"),
    EventFact(Event.ERI_REACHED, True, True, "battery_mv", "-"),
    EventFact(Event.BATTERY_SAMPLED, False, False, "battery_mv", "-"),
    EventFact(Event.STALL_DETECTED, True, True, "rotor_count", "-"),
    EventFact(Event.STALL_RECOVERED, True, True, "rotor_count", "-"),
    EventFact(Event.ALARM_RAISED, True, True, "alarm", "-"),
    EventFact(Event.ALARM_CLEARED, True, True, "alarm", "-"),
    EventFact(Event.ALARMS_SILENCED, True, True, "alarms", "-"),
    EventFact(Event.ALARM_TEST, True, False, "-", "-"),
    EventFact(Event.TONE_PLAN, False, False, "tone_class", "period_ticks"),
    EventFact(Event.CLOCK_SET, True, True, "clock_day", "clock_day_ticks"),
    EventFact(Event.RECORD_WRITTEN, True, True, "catheter_length_mm", "tubing_nl"),
    EventFact(Event.MEMORY_FAULT, True, True, "critical", "place"),
    EventFact(Event.MASKED_FAULT, True, False, "entries", "-"),
    EventFact(Event.TELEMETRY_HELD, True, True, "held", "-"),
    EventFact(Event.HOLD_RELEASED, True, True, "held", "-"),
    EventFact(Event.COMMIT_REFUSED, True, False, "refusal", "program_id"),
)
