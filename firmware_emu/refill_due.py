"""Knows when the next refill is due; it must not know how one is told.

Section 5.4 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.firmware_emu.machine import Machine
from pumpbench.protocol.codes import TherapyState
from pumpbench.protocol.limits import Q_PER_NL, TICKS_PER_WEEK


def renew_refill_due(machine: Machine) -> None:
    """After the state change that calls for it, before its event."""
    durable, low_nl = machine.durable, machine.plan.program.low_reservoir_nl
    latest = durable.fill_life_ticks + machine.config.refill_interval_max_ticks
    if durable.reservoir_estimated_nl <= low_nl:
        durable.refill_due_life_ticks = durable.life_ticks
        return
    weekly_nl = div_floor(_weekly_q(machine), Q_PER_NL)
    if weekly_nl:
        left_nl = durable.reservoir_estimated_nl - low_nl
        latest = min(durable.life_ticks + div_floor(left_nl * TICKS_PER_WEEK, weekly_nl), latest)
    durable.refill_due_life_ticks = latest


def _weekly_q(machine: Machine) -> int:
    if machine.durable.therapy_state == TherapyState.THERAPY:
        return machine.plan.weekly_q()
    if machine.durable.therapy_state == TherapyState.MINIMUM_RATE:
        return machine.config.rate_min_nl_per_day * TICKS_PER_WEEK
    return 0
