"""Knows whether any 24 hours, past or to come, would give more than the limit; it must not know who asks.

Section 7.7 of SEMANTICS.md. A bucket holds an hour's dose in quanta of 250 pg; windows begin and end where buckets do.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, mod, u32
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import Plan, hours_ahead
from pumpbench.firmware_emu.program_rules import Broken
from pumpbench.firmware_emu.state import Durable
from pumpbench.protocol.codes import Mode, Refusal, TherapyState
from pumpbench.protocol.limits import HOUR_BUCKETS, Q_PER_NL, QUANTA_PER_NG, STEP_Q, TICKS_PER_HOUR

Due = Callable[[Machine, Plan, int], int]
Clock = tuple[int, int]
"""(day, tick of the day)"""


def bolus_breaks_limit(machine: Machine, volume_nl: int) -> Broken | None:
    """For a bolus on top of the program in force and of everything owed."""
    plan = machine.plan
    owed_q = sum(machine.durable.owed_q) + volume_nl * Q_PER_NL
    return _first_over(plan, _sums(machine, plan, due_in_force, owed_q, clock_of(machine.durable)))


def clock_breaks_limit(machine: Machine, clock: Clock) -> Broken | None:
    """For the program in force under another clock: turned back, it would give a step again."""
    plan, owed_q = machine.plan, sum(machine.durable.owed_q)
    return _first_over_what_goes_on(machine, plan, _sums(machine, plan, due_in_force, owed_q, clock))


def program_breaks_limit(machine: Machine, plan: Plan) -> Broken | None:
    """For a program about to take the place of the one in force; one that gives nothing passes."""
    if plan.mode == Mode.STOPPED:
        return None
    single_q = plan.single_volume_nl * Q_PER_NL if plan.mode == Mode.SINGLE_BOLUS else 0
    sums = _sums(machine, plan, due_after_commit, single_q, clock_of(machine.durable))
    return _first_over_what_goes_on(machine, plan, sums)


def due_in_force(machine: Machine, plan: Plan, ticks: int) -> int:
    """Interval boluses of the program in force that fall due in the next `ticks`."""
    durable = machine.durable
    first = max(durable.interval_next_life_ticks, durable.life_ticks) - durable.life_ticks
    return 0 if ticks < first else 1 + div_floor(ticks - first, plan.interval_ticks)


def due_after_commit(_: Machine, plan: Plan, ticks: int) -> int:
    """The same for a program that would start now."""
    return div_floor(ticks, plan.interval_ticks)


def clock_of(durable: Durable) -> Clock:
    return durable.clock_day, durable.clock_day_ticks


def _first_over_what_goes_on(machine: Machine, plan: Plan, sums: list[int]) -> Broken | None:
    """A limit refuses nothing that gives no more than what therapy in force would give anyway."""
    broken = _first_over(plan, sums)
    if broken is None or machine.durable.therapy_state != TherapyState.THERAPY:
        return broken
    durable = machine.durable
    going_on = _sums(machine, machine.plan, due_in_force, sum(durable.owed_q), clock_of(durable))
    return _first_over(plan, [total if total > stands else 0 for total, stands in zip(sums, going_on, strict=True)])


def _first_over(plan: Plan, sums: list[int]) -> Broken | None:
    limit_ng = plan.program.dose_limit_ng
    over = next((total for total in sums if total > limit_ng * QUANTA_PER_NG), None)
    return None if over is None else Broken(Refusal.DOSE_LIMIT, limit_ng, u32(div_ceil(over, QUANTA_PER_NG)))


def _sums(machine: Machine, plan: Plan, due: Due, owed_q: int, clock: Clock) -> list[int]:
    """By hours to come, 0..24: quanta of the window that ends then."""
    hours = zip(_past_quanta(machine, plan), _next_q(machine, plan, due, clock), strict=True)
    return [past + div_ceil((next_q + owed_q) * plan.concentration, STEP_Q) for past, next_q in hours]


def _past_quanta(machine: Machine, plan: Plan) -> list[int]:
    """By hours to come, 0..24: what the rest of the window gave, the hour that runs counted whole."""
    quanta, head = machine.controller.hour_quanta, machine.controller.hour_head_index
    newest_first = [*quanta[head::-1], *quanta[:head:-1]]
    sums = list(accumulate(newest_first))
    # Two interval boluses less than 24 h apart can lie in hours that no 24 whole hours hold.
    more = 1 if plan.mode == Mode.INTERVAL_BOLUS else 0
    return [sums[min(HOUR_BUCKETS - 1 + more - hours, HOUR_BUCKETS - 1)] for hours in range(HOUR_BUCKETS)]


def _next_q(machine: Machine, plan: Plan, due: Due, clock: Clock) -> list[int]:
    """By hours to come, 0..24: what the program will ask for until the last of them ends."""
    hour_ticks = mod(machine.t, TICKS_PER_HOUR)
    flows_q = plan.hourly_q(*clock, hour_ticks)
    if plan.mode != Mode.INTERVAL_BOLUS:
        return list(flows_q)
    bolus_q = plan.interval_volume_nl * Q_PER_NL
    return [flow_q + due(machine, plan, ticks) * bolus_q for ticks, flow_q in zip(hours_ahead(hour_ticks), flows_q, strict=True)]
