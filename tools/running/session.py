"""Runs every scenario of a plan one after another and tells each; the only place of `run` that prints its findings."""

import json
import sys
from collections.abc import Callable, Iterable

import click

from pumpbench.hil.rig import Rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.verdict import EXIT_INTERRUPTED, Verdict, combined
from pumpbench.tools.edge import hush_stdout
from pumpbench.tools.running.as_json import as_json
from pumpbench.tools.running.happened import told
from pumpbench.tools.running.one import run_one
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.running.plan import Plan
from pumpbench.tools.running.progress import show_for, watch
from pumpbench.tools.running.reducing import with_shortest_wire
from pumpbench.tools.running.summing_up import summed_up
from pumpbench.tools.when import format_duration


def run_all(plan: Plan, in_json: bool) -> int:
    """Data to stdout, progress and verdicts to stderr; the exit code. An interrupt ends the runs that are left, too."""
    outcomes: list[Outcome] = []
    for scenario in plan.scenarios:
        outcome = with_shortest_wire(plan, _run(plan, scenario))
        outcomes.append(outcome)
        _tell(outcome, in_json)
        if outcome.interrupted:
            break
    verdict = combined(outcome.verdict for outcome in outcomes)
    if in_json:
        _print([json.dumps(as_json(outcomes, verdict))])
    if len(plan.scenarios) > 1:
        _tally(outcomes, str(verdict))
        # What breaks a rig first explains what comes after it; at the end it is where people look.
        for outcome in [one for one in outcomes if one.verdict is Verdict.ERROR][:1]:
            click.echo(f"first rig failure: {outcome.scenario.source}: {outcome.judged[1]}", err=True)
    return EXIT_INTERRUPTED if outcomes[-1].interrupted else verdict.exit_code


def _run(plan: Plan, scenario: Scenario) -> Outcome:
    end_tick = scenario.until_tick if plan.until_tick is None else min(plan.until_tick, scenario.until_tick)
    if plan.until_tick is not None and plan.until_tick > end_tick:
        click.echo(f"{scenario.source} ends at {format_duration(end_tick)}, before --until", err=True)
    with show_for(scenario, end_tick, f"{plan.topology} with {plan.target.name}") as show:

        def watched(rig: Rig) -> Callable[[], None]:
            return watch(show, rig)

        return run_one(plan, scenario, watched)


def _tell(outcome: Outcome, in_json: bool) -> None:
    if not in_json:
        _print([*told(outcome), ""])
    for line in summed_up(outcome):
        click.echo(line, err=True)


def _print(lines: Iterable[str]) -> None:
    """Data. Whoever reads it may leave; the verdict is given all the same."""
    try:
        for line in lines:
            click.echo(line)
        # What is read first was written first, even where both streams end in one file.
        sys.stdout.flush()
    except BrokenPipeError:
        hush_stdout()


def _tally(outcomes: list[Outcome], verdict: str) -> None:
    click.echo(err=True)
    for outcome in outcomes:
        click.echo(f"  {outcome.verdict!s:<12} {outcome.scenario.source}", err=True)
    click.echo(f"all together: {verdict}", err=True)
