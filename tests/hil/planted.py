"""Builds the firmware with one unit too many planted at a tick that the environment names; asserts nothing."""

import shutil
import subprocess
import sys
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


# Until it hears of a credit it is the reference on a pty.
HANGING = """#!{python}
import signal
from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import PtyLink
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.messages import RunTo

device, decoder = Device(), Decoder(from_device=False)
with PtyLink() as link:
    print(link.slave_path, flush=True)
    while True:
        arrived = link.read(1)
        if any(isinstance(event.message, RunTo) for event in decoder.feed(arrived)):
            while {spins}:
                pass
            signal.pause()
        link.write(device.receive(arrived))
"""


def hanging_firmware(folder: Path, spins: bool) -> Path:
    """A stand-in for firmware that answers until its first credit, and then computes or waits for ever."""
    program = folder / f"hanging-{'spins' if spins else 'waits'}"
    program.write_text(HANGING.format(python=sys.executable, spins=spins))
    program.chmod(0o755)
    return program


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
