"""Builds the firmware with one fault planted in it: a unit too many at a tick, or no memory for retries; asserts nothing."""

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
FORGETS_STORED = "    if (same && device->session_reply.count > 0) {"
FORGETS_PLACE = "    int index = pb_fluid_find(&device->pump.durable, key_of(frame));\n"
FORGETS = """    if (id == controller->session_last_id) {
        return false;
    }
"""
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
    return _built(folder, "tick.c", {PLACE: PLANTED}, "#include <stdlib.h>\n")


def forgetful_firmware(folder: Path) -> Path:
    """A program that carries out a request once more when it comes once more."""
    places = {FORGETS_STORED: FORGETS_STORED.replace("> 0", "> 60000"), FORGETS_PLACE: FORGETS + FORGETS_PLACE}
    return _built(folder, "therapy_channel.c", places)


def _built(folder: Path, name: str, places: dict[str, str], opening: str = "") -> Path:
    sources = folder / "board"
    shutil.copytree(SOURCES, sources)
    file = sources / "pump" / name
    text = file.read_text()
    for place, planted in places.items():
        if text.count(place) != 1:
            raise AssertionError(f"{name} does not hold {place!r} once: name the new place here")
        text = text.replace(place, planted)
    file.write_text(opening + text)
    command = ["make", "-s", "-C", str(sources), "host", f"BUILD={folder / 'build'}"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / "build" / PROCESS
