"""Knows which programs of a scenario the pump would refuse, by asking the reference itself; it must not judge anything else."""

from __future__ import annotations

from collections.abc import Iterator

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.programming import UPDATE_TICKS_MAX, change_program
from pumpbench.hil.scenario.clinician import plan_of, steered
from pumpbench.hil.scenario.model import Scenario, Step
from pumpbench.hil.scenario.problem import Path
from pumpbench.protocol.codes import Refusal, UpdateStage
from pumpbench.protocol.layout import RangeError
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import Refused


def refused_programs(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """(path, what) for the start and for each program, in order of time, that is refused and does not say so.

    Only programs are played, one after another, each at its own time of day; what boluses and faults add is left to the run.
    """
    pump = Pump()
    for name, value in scenario.config.items():
        setattr(pump.config, name, value)
    refused = pump.reset_to_start(scenario.start)
    if refused is not None:
        yield ("start",), f"the pump refuses it: {_said(refused)}; change it"
        return
    for step in sorted((one for one in scenario.steps if one.act == "program"), key=lambda one: one.at_tick):
        try:
            pump, refused = _play(pump, scenario, step)
        except RangeError as error:
            # Only a sum can be too wide here: each number by itself was read within its range.
            yield ("step", step.number - 1, "program"), f"{error}; change it"
            continue
        code = refused.refusal if refused is not None else None
        if refused is not None and code != step.refused and not step.any_answer:
            yield ("step", step.number - 1, "program"), f"the pump refuses it: {_said(refused)}; {_cure(refused)}"


def _said(refused: Refused) -> str:
    return f"{Refusal.name_of(refused.refusal)} (limit {refused.limit}, value {refused.value})"


def _cure(refused: Refused) -> str:
    if refused.refusal == Refusal.NEEDS_SECOND_CONFIRMATION:
        return "change the dose, or say confirm = true"
    return f"change it, or expect it with refused = '{Refusal.name_of(refused.refusal)}'"


def _play(pump: Pump, scenario: Scenario, step: Step) -> tuple[Pump, Refused | None]:
    """The pump after the step, and the refusal that ended it."""
    before = pump.clone()
    clock = scenario.start.clock_day * TICKS_PER_DAY + scenario.start.clock_day_ticks + step.at_tick
    pump.durable.clock_day, pump.durable.clock_day_ticks = clock // TICKS_PER_DAY % 65_536, clock % TICKS_PER_DAY
    plan = plan_of(step.arguments, step.number, scenario.start.concentration_ug_per_ml)
    connected = True

    def cut() -> None:
        nonlocal connected
        connected = False

    made = change_program(steered(lambda message: pump.handle(message, 0, 0) if connected else None, step.arguments, cut), plan)
    if step.refused is not None and made.refused is None:
        # What it will meet at run time is not known here, so it changes nothing.
        return before, None
    for _ in range(UPDATE_TICKS_MAX):
        if pump.controller.update_stage == UpdateStage.IDLE:
            break
        pump.tick()
    return pump, made.refused
