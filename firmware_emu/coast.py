"""Knows many ticks at once, in closed form, while nothing happens but flow, time and charge; it must not emit anything.

Law: `coast` equals as many dense ticks. It takes fewer than asked where `horizon` sees something coming.
"""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import U32_MAX, U64_MASK, mod
from pumpbench.firmware_emu.delivery import NO_KIND, Flow, arbitrate
from pumpbench.firmware_emu.horizon import is_counting_stop, quiet_steps, quiet_ticks, ticks_of_bolus
from pumpbench.firmware_emu.machine import SEEN_STEP, Machine
from pumpbench.firmware_emu.pace import steps_in, tick_sum, ticks_before
from pumpbench.firmware_emu.plant import NOT_RUNNING, ROTOR_MASK, bound_nc, is_locked
from pumpbench.firmware_emu.plant_coast import move_steps, unclamped_steps
from pumpbench.firmware_emu.schedule import turn_day
from pumpbench.firmware_emu.tone import sounding_ticks
from pumpbench.protocol.limits import STEP_NL, STEP_Q, TICKS_PER_DAY, TICKS_PER_HOUR

Pace = tuple[int, int]
"""(account in q before the next tick, what each tick adds to it)"""
Stretch = tuple[int, int, int, int]
"""(quiet ticks, the motor steps among them, those in which a tone sounds, what all that costs in nC)"""


def coast(machine: Machine, ticks: int, step_free: bool) -> None:
    """Passes up to `ticks` ticks, perhaps none; `step_free`: none with a motor step. Asked only after a dense tick."""
    plant = machine.plant
    ticks = min(ticks, TICKS_PER_HOUR - 1 - mod(plant.tick, TICKS_PER_HOUR))
    lag_ticks = 0 if plant.magnetic_field or machine.outside else plant.field_lag_remaining_ticks
    if lag_ticks:
        ticks = min(ticks, lag_ticks)
    if ticks <= 0 or (plant.reset_pending and not plant.dead):
        return
    if plant.dead:
        _idle(machine, ticks)
    elif machine.controller.boot_remaining_ticks:
        ticks = _boot_on(machine, ticks)
    else:
        ticks = _flow_on(machine, ticks, step_free)
    if ticks > 0:
        _pass(machine, ticks, lag_ticks)


def _idle(machine: Machine, ticks: int) -> None:
    """A dead controller's battery."""
    machine.load = NOT_RUNNING
    if not machine.outside:
        machine.plant.charge_nc -= min(ticks * machine.config.idle_nc, machine.plant.charge_nc)


def _pass(machine: Machine, ticks: int, lag_ticks: int) -> None:
    """What every coast leaves behind, awake or not."""
    plant = machine.plant
    plant.tick += ticks
    machine.t = plant.tick
    plant.sample_mv = machine.sample_commanded = 0
    if lag_ticks:
        plant.field_lag_remaining_ticks = lag_ticks - ticks
    machine.step_commanded = 0 if plant.dead else machine.controller.step_pending
    machine.seen = SEEN_STEP if machine.step_commanded else 0


def _boot_on(machine: Machine, ticks: int) -> int:
    ticks = min(ticks, machine.controller.boot_remaining_ticks - 1)
    stretch = _charged(machine, (0, 0), (ticks, 0), 1)
    machine.load = NOT_RUNNING
    if stretch[0] > 0:
        _draw(machine, stretch)
        machine.controller.boot_remaining_ticks -= stretch[0]
    return stretch[0]


def _flow_on(machine: Machine, ticks: int, step_free: bool) -> int:
    durable = machine.durable
    if machine.controller.step_pending and not _turned_plainly(machine) or durable.acc_q >= STEP_Q:
        return 0
    flow = arbitrate(machine)
    ticks = quiet_ticks(machine, ticks)
    if flow[1] != NO_KIND:
        ticks = ticks_of_bolus(machine, flow, ticks)
    if ticks <= 0:
        return 0
    pace, locked = (durable.acc_q, flow[0] + flow[2]), _is_locked(machine)
    stretch = _paced(machine, pace, ticks, locked, step_free)
    if stretch[0] > 0:
        _count(machine, stretch[0])
        _account(machine, stretch, flow, pace, locked)
    return stretch[0]


def _is_locked(machine: Machine) -> bool:
    """Outside, the rotor turns where the bench vouches for it, and else only by what the bench says between credits."""
    return not machine.follow if machine.outside else is_locked(machine.plant)


def _turned_plainly(machine: Machine) -> bool:
    """Whether the feedback still to come only says that the rotor turned as it should."""
    return not machine.durable.stalled and machine.controller.rotor_seen_count != machine.plant.rotor_count


def _paced(machine: Machine, pace: Pace, ticks: int, locked: bool, step_free: bool) -> Stretch:
    """As many of `ticks` as pass before a step that needs a tick of its own, or before the charge gets low."""
    steps, least_nc, plant = steps_in(*pace, ticks), 1, machine.plant
    if steps:
        allowed = 0 if step_free else quiet_steps(machine, steps, locked)
        if not locked and not machine.outside:
            allowed = unclamped_steps(plant, allowed)
        if pace[1] > machine.config.rate_min_nl_per_day and not machine.outside:
            least_nc = max(bound_nc(plant, machine.config, above_minimum=True), 1)
            if plant.charge_nc < least_nc:
                allowed, least_nc = 0, 1
        if allowed < steps:
            ticks, steps = ticks_before(*pace, allowed + 1), allowed
    return _charged(machine, pace, (ticks, steps), least_nc)


def _charged(machine: Machine, pace: Pace, wanted: tuple[int, int], least_nc: int) -> Stretch:
    """As many of the wanted (ticks, steps among them) as leave at least `least_nc` of charge."""
    if machine.outside:
        return *wanted, 0, 0
    stretch = _stretch(machine, *wanted)
    spare_nc = machine.plant.charge_nc - least_nc
    if stretch[3] <= spare_nc:
        return stretch
    enough, too_many = _stretch(machine, 0, 0), wanted[0]
    while too_many - enough[0] > 1:
        middle = enough[0] + too_many >> 1
        stretch = _stretch(machine, middle, steps_in(*pace, middle))
        if stretch[3] <= spare_nc:
            enough = stretch
        else:
            too_many = middle
    return enough


def _stretch(machine: Machine, ticks: int, steps: int) -> Stretch:
    config, plant = machine.config, machine.plant
    cost_nc, sounding = ticks * config.idle_nc + steps * config.step_nc, 0
    if machine.controller.session_id and not machine.controller.boot_remaining_ticks:
        cost_nc += ticks * config.session_nc
    if plant.tone_class or plant.tone_test_end_tick:
        sounding = sounding_ticks(plant, plant.tick + 1, plant.tick + ticks)
        cost_nc += sounding * config.tone_nc
    return ticks, steps, sounding, cost_nc


def _draw(machine: Machine, stretch: Stretch) -> None:
    machine.plant.tone_tick_count += stretch[2]
    machine.plant.charge_nc -= stretch[3]


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


def _account(machine: Machine, stretch: Stretch, flow: Flow, pace: Pace, locked: bool) -> None:
    """Flow, steps and what they cost."""
    basal, kind, bolus = flow
    durable, ticks, steps = machine.durable, stretch[0], stretch[1]
    durable.commanded_q += ticks * basal
    if kind != NO_KIND:
        durable.owed_q[kind] -= ticks * bolus
    durable.acc_q += ticks * pace[1] - steps * STEP_Q
    _draw(machine, stretch)
    if machine.controller.step_pending:
        _feel_plain_turn(machine)
    above_minimum = pace[1] > machine.config.rate_min_nl_per_day
    machine.load = 0, 0, above_minimum, bolus > 0, machine.controller.session_id != 0, True
    if steps:
        _step(machine, steps, pace, locked)
        _move(machine, steps, locked, bolus > 0)


def _move(machine: Machine, steps: int, locked: bool, bolus: bool) -> None:
    plant = machine.plant
    if not machine.outside:
        move_steps(plant, machine.config, steps, locked, bolus)
    elif not locked:
        plant.rotor_count = plant.rotor_count + steps & ROTOR_MASK


def _feel_plain_turn(machine: Machine) -> None:
    controller = machine.controller
    controller.step_pending = controller.stall_missed_count = 0
    controller.rotor_seen_count = machine.plant.rotor_count


def _step(machine: Machine, steps: int, pace: Pace, locked: bool) -> None:
    """What the controller makes of its own steps, while the plant's tick is still that before the coast."""
    controller, durable = machine.controller, machine.durable
    durable.step_count += steps
    ticks_sum = steps * machine.plant.tick + tick_sum(*pace, steps)
    controller.step_tick_sum = controller.step_tick_sum + ticks_sum & U64_MASK
    durable.reservoir_estimated_nl -= min(steps * STEP_NL, durable.reservoir_estimated_nl)
    controller.hour_quanta[controller.hour_head_index] += steps * machine.plan.concentration
    # After its tick's step an account holds less than one tick's flow.
    last_pending = durable.acc_q < pace[1]
    controller.step_pending = int(last_pending)
    if steps > last_pending:
        _feel(machine, steps - last_pending, locked)


def _feel(machine: Machine, fed_back: int, locked: bool) -> None:
    """Feedback of steps that all turned or all missed, none of which begins or ends a stall."""
    controller, limit = machine.controller, machine.config.stall_steps_count
    if not locked:
        controller.stall_missed_count = 0
        controller.rotor_seen_count = controller.rotor_seen_count + fed_back & ROTOR_MASK
        return
    controller.stall_turning = 0
    if controller.stall_missed_count < limit:
        controller.stall_missed_count = min(controller.stall_missed_count + fed_back, limit)
