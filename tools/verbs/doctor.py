"""The verb `doctor`: prints what tools/doctor.py and tools/doctor_rig.py found."""

import click

from pumpbench.hil.verdict import Verdict
from pumpbench.tools import doctor


@click.command(epilog="Example: pumpbench doctor bench1")
@click.argument("target", required=False)
def command(target: str | None) -> int:
    """Look over machine, build and ports; each finding with its cure.

    With TARGET also over what that one needs: its port, its image, QEMU. Ends with 0 when all is well and with 4 when something
    has to be mended first.
    """
    # Late: the rig's findings load the rig.
    from pumpbench.tools import doctor_rig, settings
    from pumpbench.tools.target_choice import choose_target

    found = doctor.findings()
    if target is None:
        found += doctor_rig.findings()
    else:
        known = settings.load()
        name = choose_target(target, known, target).name
        found += doctor_rig.findings(name) + doctor_rig.target_findings(name, known.targets.get(target))
    for finding in found:
        click.echo(f"{'ok ' if finding.ok else 'NO '} {finding.what}")
        if finding.cure:
            click.echo(f"      mend: {finding.cure}")
    wrong = sum(not finding.ok for finding in found)
    click.echo(f"{wrong} of {len(found)} to mend" if wrong else f"all {len(found)} well", err=True)
    return Verdict.ERROR.exit_code if wrong else 0

