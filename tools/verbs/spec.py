"""The verb `spec`: writes or checks what tools/generate makes from the declarations."""

import click

from pumpbench.tools.failure import Failed


@click.command(epilog="Example: pumpbench spec --check")
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a file is stale.")
def command(check: bool) -> int:
    """Write or check the files generated from the declarations.

    They are the C facts of the firmware, the tables of protocol/SPEC.md and the JSON Schema of scenarios. Prints the files that
    it wrote, or that are stale.
    """
    # Late: the generators read every declaration there is.
    from pumpbench.tools import generate
    from pumpbench.tools.generate.facts import FactError

    try:
        paths = generate.stale() if check else generate.write()
    except FactError as problem:
        raise Failed(str(problem)) from problem
    for path in paths:
        click.echo(path)
    said = "stale; write them with: pumpbench spec" if check else "written"
    click.echo(f"{len(paths)} {said}" if paths else "all generated files are fresh", err=True)
    return 1 if check and paths else 0
