"""Knows what must hold after a power cut and the boot that follows, by SEMANTICS.md; it must not know what was cut."""

from collections.abc import Iterator
from typing import Any, Final

from pumpbench.protocol.codes import Alarm, FluidKind, ResetCause, TherapyState
from tests.laws.laws import STEP_Q
from tests.power_cuts.victim import State

DELIVERS: Final = (TherapyState.THERAPY, TherapyState.MINIMUM_RATE)
# Section 11: what a reset may not end.
LATCHED: Final = (
    Alarm.ELECTIVE_REPLACEMENT, Alarm.MEMORY_ERROR, Alarm.END_OF_SERVICE, Alarm.MOTOR_STALL, Alarm.CRITICAL_MEMORY_ERROR,
    Alarm.LOW_BATTERY_RESET,
)  # fmt: skip


def broken(before: State, after: State, *, stop_asked: bool) -> Iterator[str]:
    """Every law that the state `after` the boot breaks: its name, a colon, how. `stop_asked`: the pump was to stand."""
    old, new = before.parts, after.parts
    yield from _program(old, new)
    yield from _session(old, new)
    yield from _alarms(old, new)
    yield from _delivery(new, stop_asked)
    yield from _reservoir(new)
    yield from _account(new["durable"])


def _program(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Section 14, law 6."""
    known = {bytes(old["controller"].program), bytes(old["controller"].staged)}
    if bytes(new["controller"].program) not in known:
        yield f"neither program: id {new['program'].program_id} is neither the old one nor the new"
    if new["durable"].therapy_state == TherapyState.SAFE_STATE:
        yield "safe state: the pump knows no program any more"


def _session(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Sections 7.2 and 9: a reset loses the session, and is counted and told by its cause."""
    if new["controller"].session_id or new["controller"].staged_present:
        yield "session kept: it, or its staged program, outlived the reset"
    durable = new["durable"]
    if durable.boot_count <= old["durable"].boot_count or durable.reset_cause != ResetCause.POWER_CUT or durable.clock_valid:
        yield f"boot: count {durable.boot_count}, cause {durable.reset_cause}, clock valid {durable.clock_valid}"


def _alarms(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Section 11: latched alarms are kept, and none is silent after a reset."""
    for alarm in LATCHED:
        bit = 1 << alarm
        if old["durable"].alarms_active & bit and not new["durable"].alarms_active & bit:
            yield f"latched alarm forgotten: {Alarm.name_of(alarm)}"
    if new["durable"].alarms_silenced:
        yield f"alarm silenced: bits {new['durable'].alarms_silenced}"


def _delivery(new: dict[str, Any], stop_asked: bool) -> Iterator[str]:
    """Section 9: no stop without an alarm that was not asked for; nothing held, no bolus that goes on by itself."""
    durable = new["durable"]
    stands = durable.therapy_state not in DELIVERS or durable.held
    if stands and not durable.alarms_active and not stop_asked:
        yield f"silent stop: state {TherapyState.name_of(durable.therapy_state)}, held {durable.held}"
    owed = [FluidKind.name_of(kind) for kind, q in enumerate(durable.owed_q) if q and kind != FluidKind.BRIDGE]
    if owed:
        yield f"still owed: {', '.join(owed)}"


def _reservoir(new: dict[str, Any]) -> Iterator[str]:
    """Section 9, step 3: the most that can have flowed is taken off, so the estimate is never above what is there."""
    estimated_pl, true_pl = new["durable"].reservoir_estimated_nl * 1000, new["plant"].reservoir_true_pl
    if estimated_pl > true_pl:
        yield f"estimate too high: by {estimated_pl - true_pl} pl"


def _account(durable: Any) -> Iterator[str]:
    """Section 14, law 2."""
    given = durable.step_count * STEP_Q + durable.acc_q + sum(durable.owed_q) + durable.cancelled_q
    if durable.commanded_q != given:
        yield f"account: {durable.commanded_q} q commanded, {given} q accounted for"
