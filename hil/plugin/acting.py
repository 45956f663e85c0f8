"""Carries out one act of the scenario language on a test's rig; it judges no answer but a silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pumpbench.hil.errors import Refusal
from pumpbench.hil.plugin.outcomes import NoReply
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.rig import Rig
from pumpbench.hil.scenario.acts_table import ACTS
from pumpbench.hil.scenario.bench_acts import perform
from pumpbench.hil.scenario.model import Step
from pumpbench.hil.scenario.problem import Findings
from pumpbench.hil.scenario.programmer_acts import Programmer
from pumpbench.protocol.messages import Refused

SOURCE: Final = "pump"
"""Stands where a scenario's file name would."""


def arguments_of(act: str, given: Any) -> Any:
    """In the pump's own units, defaults included. Raises ValueError, one line, for what a scenario could not say either."""
    __tracebackhide__ = True
    findings = Findings(SOURCE, {})
    values = ACTS[act].kind.read(given, (act,), findings)
    if findings.problems:
        raise ValueError("; ".join(str(problem) for problem in sorted(findings.problems)))
    return values


def said(**given: Any) -> Mapping[str, Any]:
    """What was given; None means left out."""
    return {name: value for name, value in given.items() if value is not None}


def accepted(reply: Any) -> Any:
    """The reply itself; raises `Refusal` where it is one."""
    __tracebackhide__ = True
    if isinstance(reply, Refused):
        raise Refusal(reply)
    return reply


def act_on_bench(run: Run, act: str, given: Any) -> None:
    __tracebackhide__ = True
    arguments = arguments_of(act, given)
    run.do(lambda rig: perform(rig, act, arguments))


def ask(run: Run, act: str, given: Any, role: int | None, silence_allowed: bool = False) -> Any:
    """The last reply, `Refused` included, to a programmer's act; None where it asked nothing. Raises `NoReply`."""
    __tracebackhide__ = True
    arguments = arguments_of(act, given)
    run.steps += 1

    def act_out(rig: Rig) -> Programmer:
        step = Step(run.steps, 0, rig.tick, act, arguments, role)
        programmer = Programmer(rig, run.scenario, step)
        programmer.perform()
        return programmer

    programmer = run.do(act_out)
    if programmer.asked and programmer.reply is None and not silence_allowed:
        raise NoReply(f"{act}: no reply, because the telemetry link is cut; restore it first, or expect this with pytest.raises")
    return programmer.reply
