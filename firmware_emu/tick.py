"""Knows the order of one tick, the meaning of all time here; it must not know what any phase does.

Section 4 of SEMANTICS.md. Calls that would change nothing are left out, because a tick is run millions of times.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.alarms import update_alarms
from pumpbench.firmware_emu.arithmetic import U32_MAX, mod
from pumpbench.firmware_emu.boot import complete_boot, take_reset
from pumpbench.firmware_emu.delivery import Flow, accumulate, arbitrate, estimate_step, watch_reservoir
from pumpbench.firmware_emu.machine import SEEN_ACTUATOR, SEEN_STEP, Machine
from pumpbench.firmware_emu.motor import feel_motor
from pumpbench.firmware_emu.plant import NOT_RUNNING, ROTOR_MASK, Load, run_plant
from pumpbench.firmware_emu.schedule import show_flex_step, start_interval_bolus, turn_day, turn_hour
from pumpbench.firmware_emu.service import age, take_sample
from pumpbench.firmware_emu.sessions import close_session
from pumpbench.firmware_emu.therapy import MINIMUM_RATE, STOPPED, THERAPY
from pumpbench.firmware_emu.update import advance_update
from pumpbench.protocol.codes import Event, Mode
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR

_FLEX: Final = Mode.FLEX
_INTERVAL: Final = Mode.INTERVAL_BOLUS
DELIVERING: Final = (THERAPY, MINIMUM_RATE)


def run_tick(machine: Machine) -> None:
    """Phases 1 to 14."""
    plant = machine.plant
    t = machine.t = plant.tick + 1
    machine.seen = machine.step_commanded = machine.sample_commanded = 0
    sample_mv, plant.sample_mv = plant.sample_mv, 0
    if (plant.dead or plant.reset_pending or machine.controller.boot_remaining_ticks) and not _wake(machine):
        load = NOT_RUNNING
    else:
        load = _control(machine, t, sample_mv)
    machine.load = load
    if machine.outside:
        _feel_plant(machine, load[0])
    else:
        run_plant(plant, machine.config, t, load)
    plant.tick = t


def _feel_plant(machine: Machine, step: int) -> None:
    """Phase 14 where the plant is outside: nothing moves here, but a rotor that the bench vouches for is counted."""
    plant = machine.plant
    if step and machine.follow:
        plant.rotor_count = plant.rotor_count + 1 & ROTOR_MASK
    plant.emi = 0


def _wake(machine: Machine) -> bool:
    """Phase 2; False while the controller does nothing."""
    plant = machine.plant
    if plant.dead:
        return False
    if plant.reset_pending:
        take_reset(machine)
        return False
    machine.controller.boot_remaining_ticks -= 1
    if machine.controller.boot_remaining_ticks:
        return False
    complete_boot(machine)
    return True


def _control(machine: Machine, t: int, sample_mv: int) -> Load:
    """Phases 3 to 13: the implant's software, ending in what it asks of the plant.

    Written out, because a call costs as much as most phases.
    """
    controller, durable = machine.controller, machine.durable
    life = durable.life_ticks = durable.life_ticks + 1
    if controller.step_pending or durable.stalled or machine.plant.emi:
        feel_motor(machine)
    if controller.sample_pending:
        take_sample(machine, sample_mv)
    if life >= durable.eos_life_ticks or life >= durable.eri_life_ticks:
        age(machine)
    if durable.stopped_ticks or durable.held or durable.therapy_state == STOPPED:
        _count_stop(machine)
    if controller.session_id:
        _count_silence(machine)
    durable.clock_day_ticks += 1
    if durable.clock_day_ticks == TICKS_PER_DAY:
        turn_day(machine)
    if mod(t, TICKS_PER_HOUR) == 0:
        turn_hour(machine)
    if controller.update_stage:
        advance_update(machine)
    if durable.therapy_state == THERAPY and not durable.held and not controller.update_stage:
        _run_schedule(machine)
    flow = arbitrate(machine)
    step = accumulate(machine, flow)
    if step:
        estimate_step(machine)
    if durable.therapy_state in DELIVERING:
        watch_reservoir(machine)
    update_alarms(machine)
    sample = controller.sample_wanted
    if sample:
        controller.sample_wanted, controller.sample_pending = 0, 1
    return _command(machine, flow, step, sample)


def _count_stop(machine: Machine) -> None:
    """Time without delivery by command or hold."""
    durable = machine.durable
    state = durable.therapy_state
    if state == STOPPED or (durable.held and state in DELIVERING):
        durable.stopped_ticks = min(durable.stopped_ticks + 1, U32_MAX)
    else:
        durable.stopped_ticks = 0


def _count_silence(machine: Machine) -> None:
    controller = machine.controller
    controller.session_idle_ticks += 1
    if controller.session_idle_ticks >= machine.config.session_timeout_ticks:
        machine.emit(Event.SESSION_TIMEOUT, controller.session_role)
        close_session(machine)


def _run_schedule(machine: Machine) -> None:
    """Phase 7, in therapy only."""
    mode = machine.plan.mode
    if mode == _FLEX:
        show_flex_step(machine)
    elif mode == _INTERVAL and machine.durable.life_ticks >= machine.durable.interval_next_life_ticks:
        start_interval_bolus(machine)


def _command(machine: Machine, flow: Flow, step: int, sample: int) -> Load:
    """Phase 13; a power cut drops the actuators, the change of the tone plan among them."""
    if machine.write_out():
        step = sample = 0
    elif machine.controller.tone_class or machine.plant.tone_class:
        hand_over_tone(machine)
    if step or sample:
        machine.seen |= (SEEN_STEP if step else 0) | (SEEN_ACTUATOR if sample else 0)
        machine.step_commanded, machine.sample_commanded = step, sample
    basal, _, bolus = flow
    above_minimum = basal + bolus > machine.config.rate_min_nl_per_day
    return step, sample, above_minimum, bolus > 0, machine.controller.session_id != 0, True


def hand_over_tone(machine: Machine) -> None:
    """The plant's tone plan becomes the controller's."""
    plant, controller = machine.plant, machine.controller
    plant.tone_class = controller.tone_class
    plant.tone_onset_tick = controller.tone_onset_tick
    plant.tone_period_ticks = controller.tone_period_ticks
    plant.tone_duration_ticks = controller.tone_duration_ticks
