"""What any test may ask for: an effort, a seed, a capability of this machine. Knows no room of the project."""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EFFORTS = ("gate", "soak")
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
EFFORT = os.environ.get("PUMPBENCH_EFFORT", "gate")
REQUIRED = os.environ.get("PUMPBENCH_REQUIRE", "0") not in ("", "0")
# The gate judges every change by the same draw; the soak draws afresh. Either way the header prints the number.
SEED = int(os.environ.get("PUMPBENCH_SEED") or (1 if EFFORT == "gate" else random.SystemRandom().randrange(2**32)))

if EFFORT not in EFFORTS:
    raise pytest.UsageError(f"PUMPBENCH_EFFORT={EFFORT}: expected one of {', '.join(EFFORTS)}; try EFFORT=gate")


def effort(n_gate: int, n_soak: int) -> int:
    """How many cases to try: `n_gate` by default, `n_soak` under PUMPBENCH_EFFORT=soak."""
    return n_soak if EFFORT == "soak" else n_gate


def rng(name: str) -> random.Random:
    """A generator of its own for each named purpose, so that one test's draws never move another's."""
    return random.Random(f"{SEED}:{name}")


@dataclass(frozen=True)
class Capability:
    """Something of the machine that a test needs: how to see it, and what mends its absence."""

    present: Callable[[], bool]
    cure: str


def _tool(program: str, apt_package: str) -> Capability:
    return Capability(lambda: shutil.which(program) is not None, f"apt install {apt_package}")


def _opens_pty() -> bool:
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError:
        return False
    return True


def _opens_pages() -> bool:
    """Any Chromium that runs without a window."""
    return any(shutil.which(name) for name in BROWSERS)


CAPABILITIES = {
    "cc": _tool(os.environ.get("CC", "cc"), "gcc libc6-dev"),
    "gcc": _tool("gcc", "gcc libc6-dev"),
    "make": _tool("make", "make"),
    "arm": _tool("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi"),
    "qemu": _tool("qemu-system-arm", "qemu-system-arm"),
    "git": _tool("git", "git"),
    "tmux": _tool("tmux", "tmux"),
    "script": _tool("script", "bsdutils"),
    "chromium": Capability(_opens_pages, "apt install chromium-headless-shell"),
    "wireshark": _tool("tshark", "tshark"),
    "rigs": Capability(lambda: (ROOT / "build/rigs-venv/.made").exists(), "make build/rigs-venv/.made"),
    # Needs apt's lists and a network the first time, so `make` builds it and says where it cannot.
    "guest": Capability(lambda: any((ROOT / "build/guest").glob("system-*")), "make guest"),
    "libusb": Capability(lambda: find_library("usb-1.0") is not None, "apt install libusb-1.0-0"),
    "usbredirparser": Capability(lambda: find_library("usbredirparser") is not None, "apt install libusbredirparser1"),
    "linux": Capability(lambda: sys.platform == "linux", "run on Linux"),
    "pty": Capability(_opens_pty, "mount -t devpts devpts /dev/pts"),
}


def require(capability: str) -> None:
    """Leaves the test out, saying why, where the machine lacks `capability`; under PUMPBENCH_REQUIRE=1 fails it instead."""
    need = CAPABILITIES[capability]
    if need.present():
        return
    reason = f"no {capability} here: {need.cure}"
    if REQUIRED:
        pytest.fail(f"{reason} (PUMPBENCH_REQUIRE is set)", pytrace=False)
    pytest.skip(reason)


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 30) -> None:
    """Polls until `condition()`; fails naming `what` after `timeout_s`, which is generous because no test asserts a time."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {timeout_s} s in vain for {what}", pytrace=False)
        time.sleep(0.002)
