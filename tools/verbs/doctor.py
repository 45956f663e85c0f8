"""The verb `doctor`: prints what tools/doctor.py found."""

import click

from pumpbench.hil.verdict import Verdict
from pumpbench.tools import doctor


@click.command(epilog="Example: pumpbench doctor")
def command() -> int:
    """Look over machine, build and ports; each finding with its cure.

    Ends with 0 when all is well and with 4 when something has to be mended first.
    """
    found = doctor.findings()
    for finding in found:
        click.echo(f"{'ok ' if finding.ok else 'NO '} {finding.what}")
        if finding.cure:
            click.echo(f"      mend: {finding.cure}")
    wrong = sum(not finding.ok for finding in found)
    click.echo(f"{wrong} of {len(found)} to mend" if wrong else f"all {len(found)} well", err=True)
    return Verdict.ERROR.exit_code if wrong else 0
