"""The verb `spec`: writes or checks what tools/generate makes from the declarations."""

import os
from pathlib import Path

import click

from pumpbench.tools.failure import Failed

LUA_NAME = "pumpbench.lua"


@click.command(epilog="Example: pumpbench spec --lua pumpbench.lua")
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a file is stale.")
@click.option("--lua", type=click.Path(path_type=Path), help="Write the dissector for Wireshark here, and nothing else.")
def command(check: bool, lua: Path | None) -> int:
    """Write or check the files generated from the declarations.

    They are the C facts of the firmware, the tables of protocol/SPEC.md, the JSON Schema of scenarios and the dissector for
    Wireshark. Prints the files that it wrote, or that are stale.

    With --lua FILE or --lua FOLDER it writes the dissector alone, which needs no checkout: into Wireshark's folder for plugins,
    or anywhere for tshark -X lua_script:FILE.
    """
    if check and lua:
        raise click.UsageError("--check and --lua exclude each other: choose one")
    # Late: the generators read every declaration there is.
    from pumpbench.tools import generate
    from pumpbench.tools.generate.facts import FactError

    if lua:
        return _install(lua)
    try:
        paths = generate.stale() if check else generate.write()
    except FactError as problem:
        raise Failed(str(problem)) from problem
    for path in paths:
        click.echo(path)
    said = "stale; write them with: pumpbench spec" if check else "written"
    click.echo(f"{len(paths)} {said}" if paths else "all generated files are fresh", err=True)
    return 1 if check and paths else 0


def _install(place: Path) -> int:
    """Writes the dissector to a file, or into a folder by its own name."""
    from pumpbench.tools.generate import lua_dissector

    path = place / LUA_NAME if place.is_dir() else place
    # Beside its name, which it gets whole: half of it would load, and say nothing of what is missing. A pipe has no beside.
    fresh = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(lua_dissector.text())
        fresh.replace(path)
    except OSError as problem:
        if fresh != path:
            fresh.unlink(missing_ok=True)
        raise Failed(f"{path}: cannot be written ({problem.strerror}); name a file in a folder that exists") from problem
    click.echo(path)
    click.echo(f"read a capture with it: tshark -X lua_script:{path} -r FILE", err=True)
    return 0
