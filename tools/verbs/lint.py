"""The verb `lint`: prints what hil/scenario finds wrong."""

import click

from pumpbench.hil.verdict import EXIT_USAGE


@click.command(epilog="Example: pumpbench lint default")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
def command(scenarios: tuple[str, ...]) -> int:
    """Check scenarios without running them.

    SCENARIO is a file or a shipped name. Prints each problem as file:line: what was wrong, what was expected. Ends with 2 when
    there is one.
    """
    # Late: help must not wait for the pump, whose own rules judge programs.
    from pumpbench.hil.scenario.lint import lint
    from pumpbench.hil.scenario.problem import ScenarioError
    from pumpbench.hil.scenario.shipped import scenario_text

    count = 0
    for name in scenarios:
        try:
            problems = lint(*scenario_text(name))
        except ScenarioError as problem:
            problems = problem.problems
        count += len(problems)
        for line in problems:
            click.echo(line)
    click.echo(f"{count} problem{'s' * (count > 1)}" if count else f"{len(scenarios)} checked, nothing wrong", err=True)
    return EXIT_USAGE if count else 0
