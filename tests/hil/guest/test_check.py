"""Firmware behind USB as a Linux kernel has it: what conforms over a serial line conforms through libusb and through ttyACM0."""

import re

import pytest

from tests.hil.guest.plugged import DOORS, FRAMES, PORT, WAYS, Plugged, plugged
from tests.support import EFFORT

CHECK_S = 1500.0
# A gate's worth: what a session, an update and bad frames ask of a link.
PARTS = {FRAMES: ("identify.*", "update.*"), PORT: ("session.*", "wire.*")}
# Many short waits, and QEMU drops what crosses the end of one: only by usb-redir can it cost a frame.
WAITING = {"usbip": (), "usbredir": ("corpus.in-seeded-pieces",)}
BOARD_PART = ("identify.*", "session.*", "update.*")


def check_conforms(pump: Plugged, door: str, part: tuple[str, ...]) -> None:
    """Inside the guest; nothing is inconclusive, so no frame was lost on the way."""
    chosen = [word for glob in part if EFFORT == "gate" for word in ("--only", glob)]
    done = pump.guest.pumpbench("check", "--target", door, *chosen, timeout_s=CHECK_S)
    print(done.err)
    assert done.code == 0, done.out + done.err
    found = re.search(r"^  checks +(\d+) pass(, \d+ left out)?$", done.err, re.MULTILINE)
    assert found is not None, done.err
    assert int(found[1]) >= (300 if EFFORT == "soak" else 20)
    assert pump.told == []


@pytest.mark.parametrize("way", WAYS)
def test_firmware_conforms_through_a_kernels_usb(way: str) -> None:
    with plugged(way) as pump:
        for door in DOORS:
            check_conforms(pump, door, PARTS[door] + (WAITING[way] if door == FRAMES else ()))


@pytest.mark.parametrize("way", [pytest.param("usbip", marks=pytest.mark.soak), "usbredir"])
def test_emulated_board_conforms_behind_a_bridge(way: str) -> None:
    with plugged(way, "qemu:mps2-an385") as pump:
        check_conforms(pump, FRAMES, BOARD_PART)
