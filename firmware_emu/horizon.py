"""Knows for how many ticks nothing can happen that only a tick may do; it must not change anything.

Every bound may be too small, which costs a tick run densely; none may be too large. It is asked right after a dense tick, so
alarms, tone and flex step already fit the state.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from pumpbench.firmware_emu.arithmetic import div_ceil
from pumpbench.firmware_emu.delivery import NO_KIND, Flow
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.state import Plant
from pumpbench.firmware_emu.therapy import ENDED, MINIMUM_RATE, STOPPED, THERAPY
from pumpbench.protocol.codes import Mode, RotorFault, UpdateStage
from pumpbench.protocol.limits import STEP_NL, TICKS_PER_DAY

_WAITING_STAGES: Final = (UpdateStage.STOP, UpdateStage.VERIFY, UpdateStage.RESTART)
_FLEX: Final = Mode.FLEX
_INTERVAL: Final = Mode.INTERVAL_BOLUS
_INTERMITTENT: Final = RotorFault.INTERMITTENT


def quiet_ticks(machine: Machine, ticks: int) -> int:
    """How many of `ticks` pass before a timer of the controller, its schedule or its session acts."""
    controller, durable = machine.controller, machine.durable
    life, state = durable.life_ticks, durable.therapy_state
    if controller.sample_pending:
        return 0
    if not durable.eri_reached and durable.eri_life_ticks - life <= ticks:
        ticks = durable.eri_life_ticks - life - 1
    if state != ENDED and durable.eos_life_ticks - life <= ticks:
        ticks = durable.eos_life_ticks - life - 1
    if controller.session_id:
        ticks = min(ticks, machine.config.session_timeout_ticks - controller.session_idle_ticks - 1)
    if controller.alarm_test_end_tick:
        ticks = min(ticks, controller.alarm_test_end_tick - machine.plant.tick)
    if durable.stopped_ticks or state != THERAPY or durable.held:
        ticks = _ticks_of_stop_alarm(machine, ticks)
    if controller.update_stage:
        waits = controller.update_stage in _WAITING_STAGES
        return min(ticks, controller.update_remaining_ticks - 1) if waits else 0
    return _scheduled_ticks(machine, ticks) if state == THERAPY and not durable.held else ticks


def _ticks_of_stop_alarm(machine: Machine, ticks: int) -> int:
    """A state that ends the count after this tick's count still has to clear the alarm."""
    limit_ticks, stopped_ticks = machine.config.stopped_alarm_ticks, machine.durable.stopped_ticks
    if is_counting_stop(machine):
        return min(ticks, limit_ticks - stopped_ticks) if stopped_ticks <= limit_ticks else ticks
    return ticks if stopped_ticks <= limit_ticks else 0


def is_counting_stop(machine: Machine) -> bool:
    """Whether the time without delivery runs."""
    durable = machine.durable
    state = durable.therapy_state
    return state == STOPPED or bool(durable.held) and state in (THERAPY, MINIMUM_RATE)


def _scheduled_ticks(machine: Machine, ticks: int) -> int:
    durable, plan = machine.durable, machine.plan
    if plan.mode == _FLEX:
        ends = plan.schedule_of(durable.clock_day).ends
        left = ends[bisect_right(ends, durable.clock_day_ticks)] - durable.clock_day_ticks
        return ticks if ticks < left else left - 1
    if plan.mode == _INTERVAL:
        return min(ticks, durable.interval_next_life_ticks - durable.life_ticks - 1)
    return ticks


def ticks_of_bolus(machine: Machine, flow: Flow, ticks: int) -> int:
    """How many of `ticks` pass before the bolus that flows ends."""
    _, kind, bolus = flow
    if kind == NO_KIND or bolus == 0:
        return ticks
    return min(ticks, div_ceil(machine.durable.owed_q[kind], bolus) - 1)


def quiet_steps(machine: Machine, steps: int, locked: bool) -> int:
    """How many of `steps` pass before one finds the reservoir low, the rotor changed or a stall begun or over."""
    durable, plant = machine.durable, machine.plant
    estimate = durable.reservoir_estimated_nl
    for threshold_nl in (machine.config.reservoir_empty_nl, machine.plan.program.low_reservoir_nl):
        if threshold_nl < estimate <= threshold_nl + steps * STEP_NL:
            steps = div_ceil(estimate - threshold_nl, STEP_NL) - 1
    controller = machine.controller
    if controller.rotor_seen_count != plant.rotor_count and not controller.step_pending:
        return 0
    if locked or durable.stalled:
        steps = min(steps, _steps_of_stall(machine, locked))
    return steps if plant.rotor_fault != _INTERMITTENT or machine.outside else min(steps, _steps_of_rotor(plant))


def _steps_of_rotor(plant: Plant) -> int:
    """Steps until an intermittent rotor changes its ways."""
    if plant.rotor_phase_count < plant.rotor_run_count:
        return plant.rotor_run_count - plant.rotor_phase_count
    return max(plant.rotor_run_count + plant.rotor_miss_count - plant.rotor_phase_count, 0)


def _steps_of_stall(machine: Machine, locked: bool) -> int:
    """Steps until feedback begins or ends a stall; a large number where none does."""
    controller, stalled = machine.controller, machine.durable.stalled
    if not locked:
        return TICKS_PER_DAY if controller.stall_turning else 0
    # A step whose feedback is still to come turned the rotor, else no coast is asked for.
    missed = 0 if controller.step_pending else controller.stall_missed_count
    missing = max(machine.config.stall_steps_count - missed, 1)
    return TICKS_PER_DAY if stalled else missing - 1
