"""Knows many ticks at once, in closed form, while nothing happens but flow, time and charge; it must not emit anything.

Law: `coast` equals as many dense ticks. It takes fewer than asked where `horizon` sees something coming.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import U32_MAX, U64_MASK, mod
from pumpbench.firmware_emu.delivery import NO_KIND, Flow, arbitrate
from pumpbench.firmware_emu.horizon import is_counting_stop, quiet_steps, quiet_ticks, ticks_of_bolus
from pumpbench.firmware_emu.machine import SEEN_ACTUATOR, Machine
from pumpbench.firmware_emu.pace import NO_PACE, Pace
from pumpbench.firmware_emu.plant import bound_nc, is_locked
from pumpbench.firmware_emu.plant_coast import move_steps, unclamped_steps
from pumpbench.firmware_emu.schedule import turn_day
from pumpbench.firmware_emu.tone import sounding_ticks
from pumpbench.protocol.limits import STEP_NL, STEP_Q, TICKS_PER_DAY, TICKS_PER_HOUR


def coast(machine: Machine, ticks: int, step_free: bool) -> None:
    """Passes up to `ticks` ticks, perhaps none; `step_free`: none with a motor step. Asked only after a dense tick."""
    plant = machine.plant
    ticks = min(ticks, TICKS_PER_HOUR - 1 - mod(plant.tick, TICKS_PER_HOUR))
    lag_ticks = 0 if plant.magnetic_field else plant.field_lag_remaining_ticks
    if lag_ticks:
        ticks = min(ticks, lag_ticks)
    if plant.reset_pending or ticks <= 0:
        return
    if plant.dead:
        plant.charge_nc -= min(ticks * machine.config.idle_nc, plant.charge_nc)
    elif machine.controller.boot_remaining_ticks:
        ticks = _boot_on(machine, ticks)
    else:
        ticks = _flow_on(machine, ticks, step_free)
    if ticks > 0:
        _pass(machine, ticks, lag_ticks)


def _pass(machine: Machine, ticks: int, lag_ticks: int) -> None:
    """What every coast leaves behind, awake or not."""
    plant = machine.plant
    plant.tick += ticks
    machine.t = plant.tick
    plant.sample_mv = machine.sample_commanded = 0
    if lag_ticks:
        plant.field_lag_remaining_ticks = lag_ticks - ticks
    machine.step_commanded = 0 if plant.dead else machine.controller.step_pending
    machine.seen = SEEN_ACTUATOR if machine.step_commanded else 0


def _boot_on(machine: Machine, ticks: int) -> int:
    ticks = _charged_ticks(machine, min(ticks, machine.controller.boot_remaining_ticks - 1), NO_PACE, 1)
    if ticks > 0:
        _draw(machine, ticks, 0)
        machine.controller.boot_remaining_ticks -= ticks
    return ticks


def _flow_on(machine: Machine, ticks: int, step_free: bool) -> int:
    if machine.controller.step_pending and not _turned_plainly(machine):
        return 0
    flow = arbitrate(machine)
    ticks = ticks_of_bolus(machine, flow, quiet_ticks(machine, ticks))
    pace = Pace(machine.durable.acc_q, flow[0] + flow[2])
    if ticks > 0:
        ticks = _paced_ticks(machine, ticks, pace, step_free)
    if ticks > 0:
        _count(machine, ticks)
        _account(machine, ticks, flow, pace)
    return ticks


def _turned_plainly(machine: Machine) -> bool:
    """Whether the feedback still to come only says that the rotor turned as it should."""
    return not machine.durable.stalled and machine.controller.rotor_seen_count != machine.plant.rotor_count


def _paced_ticks(machine: Machine, ticks: int, pace: Pace, step_free: bool) -> int:
    """As many of `ticks` as pass before a step that needs a tick of its own, or before the charge gets low."""
    if pace.acc_q >= STEP_Q:
        return 0
    steps, least_nc = pace.steps(ticks), 1
    if steps:
        allowed = 0 if step_free else unclamped_steps(machine.plant, quiet_steps(machine, steps))
        if pace.rate_q > machine.config.rate_min_nl_per_day:
            least_nc = max(bound_nc(machine.plant, machine.config, above_minimum=True), 1)
            if machine.plant.charge_nc < least_nc:
                allowed, least_nc = 0, 1
        if allowed < steps:
            ticks = pace.ticks_before(allowed + 1)
    return _charged_ticks(machine, ticks, pace, least_nc)


def _charged_ticks(machine: Machine, ticks: int, pace: Pace, least_nc: int) -> int:
    """As many of `ticks` as leave at least `least_nc` of charge."""
    spare_nc = machine.plant.charge_nc - least_nc
    if _cost_nc(machine, ticks, pace.steps(ticks)) <= spare_nc:
        return ticks
    enough, too_many = 0, ticks
    while too_many - enough > 1:
        middle = enough + too_many >> 1
        if _cost_nc(machine, middle, pace.steps(middle)) <= spare_nc:
            enough = middle
        else:
            too_many = middle
    return enough


def _cost_nc(machine: Machine, ticks: int, steps: int) -> int:
    config, plant = machine.config, machine.plant
    cost_nc = ticks * config.idle_nc + steps * config.step_nc
    if machine.controller.session_id:
        cost_nc += ticks * config.session_nc
    if plant.tone_class or plant.tone_test_end_tick:
        cost_nc += sounding_ticks(plant, plant.tick + 1, plant.tick + ticks) * config.tone_nc
    return cost_nc


def _draw(machine: Machine, ticks: int, steps: int) -> None:
    plant = machine.plant
    plant.charge_nc -= _cost_nc(machine, ticks, steps)
    if plant.tone_class or plant.tone_test_end_tick:
        plant.tone_tick_count += sounding_ticks(plant, plant.tick + 1, plant.tick + ticks)


def _count(machine: Machine, ticks: int) -> None:
    """Timers and clock."""
    controller, durable = machine.controller, machine.durable
    durable.life_ticks += ticks
    clock = durable.clock_day_ticks + ticks
    if clock >= TICKS_PER_DAY:
        turn_day(machine)
        clock -= TICKS_PER_DAY
    durable.clock_day_ticks = clock
    durable.stopped_ticks = min(durable.stopped_ticks + ticks, U32_MAX) if is_counting_stop(machine) else 0
    if controller.session_id:
        controller.session_idle_ticks += ticks
    if controller.update_stage:
        controller.update_remaining_ticks -= ticks


def _account(machine: Machine, ticks: int, flow: Flow, pace: Pace) -> None:
    """Flow, steps and what they cost."""
    basal, kind, bolus = flow
    durable = machine.durable
    durable.commanded_q += ticks * basal
    if kind != NO_KIND:
        durable.owed_q[kind] -= ticks * bolus
    steps = pace.steps(ticks)
    durable.acc_q += ticks * pace.rate_q - steps * STEP_Q
    _draw(machine, ticks, steps)
    if steps or machine.controller.step_pending:
        # After its tick's step an account holds less than one tick's flow.
        _step(machine, steps, pace, steps > 0 and durable.acc_q < pace.rate_q, bolus > 0)


def _step(machine: Machine, steps: int, pace: Pace, last_pending: bool, bolus: bool) -> None:
    controller, durable, plant = machine.controller, machine.durable, machine.plant
    locked = is_locked(plant)
    if controller.step_pending:
        controller.stall_missed_count = 0
        controller.rotor_seen_count = plant.rotor_count
    controller.step_pending = int(last_pending)
    if not steps:
        return
    durable.step_count += steps
    ticks_sum = steps * plant.tick + pace.offset_sum(steps)
    controller.step_tick_sum = controller.step_tick_sum + ticks_sum & U64_MASK
    durable.reservoir_estimated_nl -= min(steps * STEP_NL, durable.reservoir_estimated_nl)
    controller.hour_quanta[controller.hour_head_index] += steps * machine.plan.concentration
    move_steps(plant, machine.config, steps, bolus)
    if steps > last_pending:
        _feel(machine, steps - last_pending, locked)


def _feel(machine: Machine, fed_back: int, locked: bool) -> None:
    """Feedback of steps that all turned or all missed, none of which begins or ends a stall."""
    controller, limit = machine.controller, machine.config.stall_steps_count
    if not locked:
        controller.stall_missed_count = 0
        controller.rotor_seen_count = mod(controller.rotor_seen_count + fed_back, 0x1_0000)
        return
    controller.stall_turning = 0
    if controller.stall_missed_count < limit:
        controller.stall_missed_count = min(controller.stall_missed_count + fed_back, limit)
