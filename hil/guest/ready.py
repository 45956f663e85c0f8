"""A guest booted once and kept, and as many as one likes restored from there, each in a fraction of a second; knows no device."""

import hashlib
import time
from pathlib import Path
from typing import Final, NamedTuple

from pumpbench.hil.guest.code import volume
from pumpbench.hil.guest.guest import Guest
from pumpbench.hil.guest.image import HERE, Image, alone, build_folder, built, forget
from pumpbench.hil.guest.packages import run
from pumpbench.hil.guest.process import PROGRAM

PRELOADED: Final = (
    "pumpbench.tools.checking.session",
    "pumpbench.tools.running.session",
    "pumpbench.tools.sending",
    "pumpbench.hil.targets.port",
    "pumpbench.hil.targets.usb",
    "serial.tools.list_ports",
    "usb.backend.libusb1",
)
"""By name alone: what commands in the guest load late, and would spend a second of translated code on each time."""


class Ready(NamedTuple):
    """What a restored guest is made from, and what the making took: 0 s for what stood there already."""

    image: Image
    code: Path
    state: Path
    image_s: float
    boot_s: float

    def restored(self) -> Guest:
        """One more, its own machine: what happens in it is seen by no other. Raises what `Guest` does."""
        return Guest(self.image, self.code, self.state)


def ready() -> Ready:
    """Builds what is missing or older than what it is made of. Raises `GuestMissing`, or what `Guest` does."""
    image, image_s = built()
    code_key, code = volume()
    state = build_folder() / f"state-{_key(image.key, code_key)}"
    boot_s = 0.0
    with alone(build_folder()):
        if not state.exists():
            began_s = time.monotonic()
            _boot(image, code, state)
            forget("state-*")
            boot_s = time.monotonic() - began_s
    return Ready(image, code, state, image_s, boot_s)


def _boot(image: Image, code: Path, state: Path) -> None:
    guest = Guest(image, code)
    try:
        guest.load(PRELOADED)
        guest.process.save(state)
    finally:
        guest.close()


def _key(*made_of: str) -> str:
    """A state fits no other QEMU, and no other machine than it was saved of."""
    fits = (*made_of, *PRELOADED, run([PROGRAM, "--version"]), (HERE / "process.py").read_text())
    return hashlib.sha256("\n".join(fits).encode()).hexdigest()[:16]
