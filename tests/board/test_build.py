"""A build is never made of old and new halves."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pumpbench.hil.firmware import SOURCES
from tests.support import require


@pytest.mark.parametrize("absolute_first", [True, False])
def test_changed_facts_rebuild_every_object_however_the_folder_is_spelled(absolute_first: bool, tmp_path: Path) -> None:
    require("cc")
    require("make")
    sources, build = tmp_path / "board", tmp_path / "build"
    shutil.copytree(SOURCES, sources)
    spelled = [str(build), os.path.relpath(build, sources)]
    first, second = spelled if absolute_first else reversed(spelled)
    subprocess.run(["make", "-s", "lib", f"BUILD={first}", "OPTIMISE=-O0", "LTO="], cwd=sources, check=True)
    objects = sorted(build.glob("obj/**/*.o"))
    made_ns = max(path.stat().st_mtime_ns for path in objects)
    os.utime(sources / "facts" / "pb_facts.h", ns=(made_ns + 10**9, made_ns + 10**9))
    asked = subprocess.run(
        ["make", "-n", "lib", f"BUILD={second}", "OPTIMISE=-O0", "LTO="], cwd=sources, check=True, capture_output=True, text=True
    )
    compiled = {Path(line.split(" -c -o ")[1].split()[0]).name for line in asked.stdout.splitlines() if " -c -o " in line}
    # Two know nothing of the facts: the arithmetic of the wire.
    assert {path.name for path in objects} - compiled <= {"cobs.o", "crc32c.o"}
