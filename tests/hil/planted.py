"""Builds the firmware with one unit too many planted at a tick that the environment names; asserts nothing."""

import shutil
import subprocess
from pathlib import Path

from pumpbench.hil.firmware import PROCESS, SOURCES

PLANT_TICK = "PB_PLANT_TICK"
PLACE = "    plant->tick = pump->now;\n}"
PLANTED = """    plant->tick = pump->now;
    const char *planted = getenv("PB_PLANT_TICK");
    if (planted && plant->tick == strtoull(planted, NULL, 10)) {
        pump->durable.acc_q += 1;
    }
}"""


def planted_firmware(folder: Path) -> Path:
    """The program, built in `folder` from a copy of the sources. Raises where the place to plant is no longer there."""
    sources = folder / "board"
    shutil.copytree(SOURCES, sources)
    tick = sources / "pump" / "tick.c"
    text = tick.read_text()
    if text.count(PLACE) != 1:
        raise AssertionError(f"{tick.name} does not end a tick as {PLACE!r}: name the new place here")
    tick.write_text("#include <stdlib.h>\n" + text.replace(PLACE, PLANTED))
    command = ["make", "-s", "-C", str(sources), "host", f"BUILD={folder / 'build'}"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / "build" / PROCESS
