"""Knows what is wrong with a scenario that reads well: times out of reach, keys without effect, programs no pump accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import MEMORY_WORDS
from pumpbench.hil.scenario.bench_acts import BENCH_ACTS, memory_word
from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.lines import key_lines
from pumpbench.hil.scenario.lint_programs import refused_programs
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.model import Scenario, Step
from pumpbench.hil.scenario.problem import Findings, Problem, ScenarioError
from pumpbench.hil.spelling import nearest
from pumpbench.protocol.codes import RotorFault
from pumpbench.protocol.messages import REGISTRY


def lint(text: str, source: str) -> list[Problem]:
    """Every problem of a scenario, by line; empty: it can run."""
    try:
        return judged(read_scenario(text, source))
    except ScenarioError as error:
        return error.problems


def checked_scenario(text: str, source: str) -> Scenario:
    """The scenario, read and judged. Raises ScenarioError."""
    scenario = read_scenario(text, source)
    problems = judged(scenario)
    if problems:
        raise ScenarioError(problems)
    return scenario


def judged(scenario: Scenario) -> list[Problem]:
    """What is wrong with a scenario whose form is right."""
    findings = Findings(scenario.source, key_lines(scenario.text))
    for rule in _RULES:
        rule(scenario, findings)
    return sorted(findings.problems)


def _steps_in_time(scenario: Scenario, findings: Findings) -> None:
    end = format_duration(scenario.until_tick)
    for step in scenario.steps:
        path = ("step", step.number - 1)
        if step.at_tick > scenario.until_tick:
            findings.say((*path, "at"), f"{format_duration(step.at_tick)} is after the end; expected at most {end} (until)")
        elif step.until_tick is not None and step.until_tick < step.at_tick:
            findings.say((*path, "until"), "is before at; expected a later time")


def _expectations_in_time(scenario: Scenario, findings: Findings) -> None:
    end = scenario.until_tick
    for one in scenario.occurrences:
        if one.first_tick > end or (one.last_tick or 0) > end:
            _at_line(findings, one.line, f"{one.what}: the window ends after the run, {format_duration(end)}")
    for look in scenario.looks:
        if (look.at_tick or 0) > end:
            _at_line(findings, look.line, f"value {look.value}: at is after the end, {format_duration(end)}")


def _at_line(findings: Findings, line: int, what: str) -> None:
    findings.problems.append(Problem(findings.source, line, what))


def _replies_known(scenario: Scenario, findings: Findings) -> None:
    names = sorted({field.name for layout in REGISTRY.layouts() if layout.kind == "reply" for field in layout})
    for step in scenario.steps:
        for name in step.reply:
            if name not in names:
                near = nearest(name, names)
                hint = near if near.startswith("did") else "see protocol/SPEC.md"
                findings.say(("step", step.number - 1, "reply", name), f"no reply has this field; {hint}")


def _keys_have_effect(scenario: Scenario, findings: Findings) -> None:
    for step in scenario.steps:
        for key, why in _idle_keys(step):
            findings.say(("step", step.number - 1, *key), f"has no effect {why}; leave it out")


def _idle_keys(step: Step) -> Iterator[tuple[tuple[str, ...], str]]:
    if step.act in BENCH_ACTS:
        for key, given in (("role", step.role), ("twice", step.twice), ("reply", step.reply), ("no_reply", step.no_reply)):
            if given:
                yield (key,), f"on {step.act}, which is no request"
    for act, key, idle, why in _IDLE:
        if step.act == act and step.arguments[key] and idle(step.arguments):
            yield (act, key), why


_IDLE: Final[tuple[tuple[str, str, Callable[[Any], bool], str], ...]] = (
    ("refill", "concentration_ug_per_ml", lambda given: bool(given["pocket"]), "in a pocket fill"),
    ("refill", "measured_nl", lambda given: bool(given["untold"]), "where the pump is told nothing"),
    ("refill", "told_fill_nl", lambda given: bool(given["untold"]), "where the pump is told nothing"),
    ("rotor", "run_count", lambda given: given["fault"] != RotorFault.INTERMITTENT, "unless the fault is intermittent"),
    ("rotor", "miss_count", lambda given: given["fault"] != RotorFault.INTERMITTENT, "unless the fault is intermittent"),
    ("field", "lag", lambda given: not given["on"], "when the pump leaves the field"),
    ("program", "confirm", lambda given: given["finish"] != "commit", "without a commit"),
)


def _arguments_fit(scenario: Scenario, findings: Findings) -> None:
    capacity = scenario.config.get("reservoir_capacity_nl", Config().reservoir_capacity_nl)
    for step in scenario.steps:
        path = ("step", step.number - 1, step.act)
        if step.act == "refill" and step.arguments["fill_nl"] > capacity and step.refused is None and not step.any_answer:
            findings.say((*path, "fill_nl"), f"is more than the reservoir holds; expected at most {capacity}")
        if step.act == "memory_flip" and memory_word(step.arguments) >= MEMORY_WORDS:
            findings.say((*path, "word"), f"is past the end; the memory has {MEMORY_WORDS} words")
        if step.act == "rotor" and step.arguments["fault"] == RotorFault.INTERMITTENT:
            for key in ("run_count", "miss_count"):
                if not step.arguments[key]:
                    findings.say(path, f"lacks {key}, which an intermittent fault needs")


def _sessions_held(scenario: Scenario, findings: Findings) -> None:
    held = {step.act for step in scenario.steps}
    for step in scenario.steps:
        if step.act == "subscribe" and "session" not in held:
            findings.say(("step", step.number - 1), "telemetry ends with the session; expected session = 'clinician' before")


def _programs_possible(scenario: Scenario, findings: Findings) -> None:
    for path, what in refused_programs(scenario):
        findings.say(path, what)


_RULES: Final = (
    _steps_in_time,
    _expectations_in_time,
    _replies_known,
    _keys_have_effect,
    _arguments_fit,
    _sessions_held,
    _programs_possible,
)
