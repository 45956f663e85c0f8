"""The verb `scenarios`: lists what comes with pumpbench."""

import shutil

import click


@click.command(epilog="Example: pumpbench scenarios")
@click.option("--why", is_flag=True, help="Under each, what it shows and where that comes from.")
def command(why: bool) -> None:
    """List the scenarios that come with pumpbench; `pumpbench run NAME` runs one."""
    # Late: help must not read them.
    from pumpbench.hil.scenario.duration import format_duration
    from pumpbench.hil.scenario.load import read_scenario
    from pumpbench.hil.scenario.shipped import scenario_text, shipped_names
    from pumpbench.tools.text_table import text_table

    found = {name: read_scenario(*scenario_text(name)) for name in shipped_names()}
    rows = [(name, format_duration(one.until_tick), one.title) for name, one in found.items()]
    lines = text_table(("name", "lasts", "what happens"), rows)
    for line, scenario in zip(lines, [None, *found.values()], strict=True):
        click.echo(line)
        if why and scenario is not None:
            text = f"{' '.join(scenario.why.split())} [{', '.join(scenario.sources)}]"
            click.echo(click.wrap_text(text, shutil.get_terminal_size((100, 24)).columns, "    ", "    "))
