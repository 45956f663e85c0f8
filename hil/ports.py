"""The serial ports of this machine, each with where it is plugged in and who drives it; it opens none."""

import contextlib
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

from serial.tools import list_ports

from pumpbench.hil.links import PortMissing, UrlInvalid

BY_SERIAL: Final = "usb-serial:"
"""Before a USB serial number, in place of a device path: the port of that board, wherever it is plugged in."""
PTYS: Final = "/dev/pts/"
DEVICES: Final = Path("/sys/class/tty")


class Port(NamedTuple):
    """What is unknown is empty. `since_s`: when its device file was made, of the system's clock."""

    device: str
    vid_pid: str
    usb_serial: str
    topology: str
    driver: str
    description: str
    since_s: float


def ports() -> list[Port]:
    """Newest last: what was plugged in just now is the last line."""
    return sorted((_port(found) for found in list_ports.comports()), key=lambda port: (port.since_s, port.device))


def device_of(url: str) -> str:
    """`url` itself, or where it names a board by its USB serial number, the device that board has now.

    The lowest one of a board that has several. Raises `PortMissing` or `UrlInvalid`.
    """
    if not url.startswith(BY_SERIAL):
        return url
    wanted = url.removeprefix(BY_SERIAL)
    if not wanted:
        raise UrlInvalid(url, "no USB serial number", "`pumpbench list` shows those of the boards plugged in")
    seen = ports()
    found = sorted((port.device for port in seen if port.usb_serial.lower() == wanted.lower()), key=_by_number)
    if not found:
        known = ", ".join(sorted({port.usb_serial for port in seen} - {""})) or "none"
        raise PortMissing(url, f"no board with USB serial {wanted} is plugged in", f"plug it in; seen: {known}")
    return found[0]


def board_id(url: str) -> str:
    """By what a board is known to everybody who may hold it: its USB serial number, else where it is plugged in or listens."""
    if url.startswith(BY_SERIAL):
        return url.removeprefix(BY_SERIAL).lower()
    if "://" in url:
        return url
    real = os.path.realpath(url)
    if real.startswith(PTYS):
        return _pty_id(real)
    serials = [port.usb_serial for port in ports() if os.path.realpath(port.device) == real]
    return serials[0].lower() if serials and serials[0] else real


def _pty_id(path: str) -> str:
    """The system gives the number of one that is gone to the next, while whoever waits for the first still holds it."""
    with contextlib.suppress(OSError):
        return f"{path}#{os.stat(path).st_ctime_ns}"
    return path


def _port(found: Any) -> Port:
    usb = found.vid is not None
    return Port(
        device=str(found.device),
        vid_pid=f"{found.vid:04x}:{found.pid:04x}" if usb else "",
        usb_serial=str(found.serial_number or ""),
        topology=str(found.location or ""),
        driver=_driver(str(found.device)),
        description=str(found.product or (found.description if found.description != "n/a" else "") or ""),
        since_s=_made_s(str(found.device)),
    )


def _driver(device: str) -> str:
    try:
        return os.path.basename(os.readlink(DEVICES / os.path.basename(device) / "device" / "driver"))
    except OSError:
        return ""


def _made_s(device: str) -> float:
    # Writing to a tty moves its mtime; its ctime stays that of the plugging in.
    try:
        return os.stat(device).st_ctime
    except OSError:
        return 0.0


def _by_number(device: str) -> tuple[int, str]:
    """ttyACM9 comes before ttyACM10."""
    return len(device), device
