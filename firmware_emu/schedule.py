"""Knows the clock and what falls due by it or by age: hours, days, flex steps, interval boluses; it must not know what flows.

Section 4, phases 6 and 7 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor, mod
from pumpbench.firmware_emu.boluses import start_bolus
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import CLOCK_DAYS, bolus_rate_q
from pumpbench.firmware_emu.selftest import self_test
from pumpbench.protocol.codes import Event, FluidKind
from pumpbench.protocol.limits import HOUR_BUCKETS, TICKS_PER_DAY


def turn_day(machine: Machine) -> None:
    """Midnight by the clock."""
    durable = machine.durable
    durable.clock_day_ticks = 0
    durable.clock_day = mod(durable.clock_day + 1, CLOCK_DAYS)


def turn_hour(machine: Machine) -> None:
    """Hours and days of the plant's tick, which setting the clock does not move."""
    controller = machine.controller
    controller.hour_head_index = mod(controller.hour_head_index + 1, HOUR_BUCKETS)
    controller.hour_quanta[controller.hour_head_index] = 0
    controller.checkpoint_due = 1
    if mod(machine.t, TICKS_PER_DAY) == 0:
        self_test(machine)
        controller.sample_wanted = 1


def show_flex_step(machine: Machine) -> None:
    """Announces the flex step in force when it is another than the last announced."""
    durable, plan = machine.durable, machine.plan
    index = plan.flex_index(durable.clock_day, durable.clock_day_ticks)
    if index != machine.controller.flex_shown_index:
        machine.controller.flex_shown_index = index
        machine.emit(Event.FLEX_STEP, index, plan.basal_nl_per_day(durable.clock_day, durable.clock_day_ticks))


def start_interval_bolus(machine: Machine) -> None:
    """A bolus that falls due while one is owed is dropped; however late this is, it is one start or one drop."""
    durable, plan = machine.durable, machine.plan
    if durable.owed_q[FluidKind.INTERVAL]:
        machine.emit(Event.INTERVAL_DROPPED)
    else:
        rate = bolus_rate_q(plan.interval_volume_nl, plan.program.interval_duration_ticks)
        start_bolus(machine, FluidKind.INTERVAL, plan.interval_volume_nl, rate)
    late_ticks = durable.life_ticks - durable.interval_next_life_ticks
    durable.interval_next_life_ticks += plan.interval_ticks * (1 + div_floor(late_ticks, plan.interval_ticks))
