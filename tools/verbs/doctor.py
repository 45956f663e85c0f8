"""The verb `doctor`: prints what tools/doctor.py and tools/doctor_rig.py found, or what is wrong with a capture."""

from collections.abc import Container
from pathlib import Path

import click

from pumpbench.hil.verdict import Verdict
from pumpbench.tools import doctor
from pumpbench.tools.failure import Failed
from pumpbench.tools.holding.options import json_option

CAPTURE_SUFFIX = ".pcapng"
SCHEMA = "pumpbench.doctor/1"


@click.command(epilog="Example: pumpbench doctor bench1")
@click.argument("target", metavar="[TARGET|FILE]", required=False)
@json_option
def command(target: str | None, in_json: bool) -> int:
    """Look over machine, build and ports; each finding with its cure. Or look over a capture.

    With TARGET also over what that one needs: its port, its image, QEMU. Ends with 0 when all is well and with 4 when something
    has to be mended first.

    With FILE, a capture, it names each damage and gap in it: at which byte, and what it costs. Ends with 0 when there is none,
    else with 3. A target that pumpbench.toml names goes before a file of that name; ./NAME is always the file.
    """
    # Late: the rig's findings load the rig.
    import json

    from pumpbench.tools import doctor_rig, settings
    from pumpbench.tools.target_choice import choose_target

    if target is not None and _is_file(target, settings.load().targets):
        from pumpbench.tools.holding.diagnosing import diagnose

        return diagnose(Path(target), in_json)
    found = doctor.findings()
    if target is None:
        found += doctor_rig.settings_read() + doctor_rig.findings()
    else:
        known = settings.load()
        name = choose_target(target, known, target).name
        found += doctor_rig.findings(name) + doctor_rig.target_findings(name, known.targets.get(target))
    if in_json:
        click.echo(json.dumps({"schema": SCHEMA, "findings": [finding._asdict() for finding in found]}))
    for finding in () if in_json else found:
        click.echo(f"{'ok ' if finding.ok else 'NO '} {finding.what}")
        if finding.cure:
            click.echo(f"      mend: {finding.cure}")
    wrong = sum(not finding.ok for finding in found)
    click.echo(f"{wrong} of {len(found)} to mend" if wrong else f"all {len(found)} well", err=True)
    return Verdict.ERROR.exit_code if wrong else 0


def _is_file(name: str, targets: Container[str]) -> bool:
    """A port is no regular file, and a capture that is missing should not be looked for among targets."""
    if name in targets:
        return False
    path = Path(name)
    if path.suffix == CAPTURE_SUFFIX and not path.exists():
        raise Failed(f"{name}: no such file; give a capture, such as out/latest, or a target")
    return path.is_file()
