"""The verb `step`: reads its flags; tools/stepping does the rest."""

import click


@click.command(epilog="Example: pumpbench step default --at 2d < /dev/null")
@click.argument("what", default="default", metavar="[SCENARIO|FILE]")
@click.option(
    "--at", "at", required=True, metavar="SPAN", help="Where to stop first, from the start: 31d, or 26784001t for a tick."
)
def command(what: str, at: str) -> int:
    """Stop a scenario or a capture at a tick and look around.

    Runs the emulator: a scenario as it is written, a capture as it was recorded. Then reads commands from stdin: step, until,
    state, inject, back, help, quit.
    """
    # Late: help must not wait for the pump.
    from pumpbench.tools.running.plan import parse_span
    from pumpbench.tools.stepping.prompt import Prompt
    from pumpbench.tools.stepping.stepper import Stepper
    from pumpbench.tools.stepping.timeline import timeline_of

    tick = parse_span(at, "--at", least_ticks=0)
    stepper = Stepper(timeline_of(what))
    stepper.run_to(tick)
    return Prompt(stepper).run()
