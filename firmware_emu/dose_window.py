"""Knows whether any 24 hours, past or to come, would give more than the limit; it must not know who asks.

Section 7.7 of SEMANTICS.md. A bucket holds an hour's dose in quanta of 250 pg.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from pumpbench.firmware_emu.arithmetic import div_ceil, div_floor, u32
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import Plan
from pumpbench.firmware_emu.program_rules import Broken
from pumpbench.firmware_emu.state import Durable
from pumpbench.protocol.codes import Mode, Refusal
from pumpbench.protocol.limits import HOUR_BUCKETS, Q_PER_NL, QUANTA_PER_NG, STEP_Q, TICKS_PER_HOUR

Due = Callable[[Machine, Plan, int], int]
Clock = tuple[int, int]
"""(day, tick of the day)"""


def bolus_breaks_limit(machine: Machine, volume_nl: int) -> Broken | None:
    """For a bolus on top of the program in force and of everything owed."""
    durable = machine.durable
    return _first_over(machine, machine.plan, due_in_force, sum(durable.owed_q) + volume_nl * Q_PER_NL, clock_of(durable))


def clock_breaks_limit(machine: Machine, clock: Clock) -> Broken | None:
    """For the program in force under another clock: turned back, it would give a step again."""
    return _first_over(machine, machine.plan, due_in_force, sum(machine.durable.owed_q), clock)


def program_breaks_limit(machine: Machine, plan: Plan) -> Broken | None:
    """For a program about to take the place of the one in force; one that gives nothing passes."""
    if plan.mode == Mode.STOPPED:
        return None
    single_q = plan.single_volume_nl * Q_PER_NL if plan.mode == Mode.SINGLE_BOLUS else 0
    return _first_over(machine, plan, due_after_commit, single_q, clock_of(machine.durable))


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


def _first_over(machine: Machine, plan: Plan, due: Due, owed_q: int, clock: Clock) -> Broken | None:
    limit_ng = plan.program.dose_limit_ng
    for past, next_q in zip(_past_quanta(machine), _next_q(machine, plan, due, clock), strict=True):
        total = past + div_ceil((next_q + owed_q) * plan.concentration, STEP_Q)
        if total > limit_ng * QUANTA_PER_NG:
            return Broken(Refusal.DOSE_LIMIT, limit_ng, u32(div_ceil(total, QUANTA_PER_NG)))
    return None


def _past_quanta(machine: Machine) -> list[int]:
    """By hours to come, 0..24: what the rest of the 24 hours before gave, the hour that runs counted whole."""
    quanta, head = machine.controller.hour_quanta, machine.controller.hour_head_index
    newest_first = [*quanta[head::-1], *quanta[:head:-1]]
    # The window ends within an hour, so after k hours to come its beginning can reach one bucket further back than 24 - k.
    sums = list(accumulate(newest_first))
    return [sums[min(HOUR_BUCKETS - 1, HOUR_BUCKETS - hours)] for hours in range(HOUR_BUCKETS)]


def _next_q(machine: Machine, plan: Plan, due: Due, clock: Clock) -> list[int]:
    """By hours to come, 0..24: what the program will ask for."""
    flows_q = plan.hourly_q(*clock)
    if plan.mode != Mode.INTERVAL_BOLUS:
        return list(flows_q)
    bolus_q = plan.interval_volume_nl * Q_PER_NL
    return [flow_q + due(machine, plan, TICKS_PER_HOUR * hours) * bolus_q for hours, flow_q in enumerate(flows_q)]
