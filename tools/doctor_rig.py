"""Knows how to look over what stands between this machine and its boards, real or emulated; prints nothing, mends nothing."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from pumpbench.hil.firmware import SOURCES, build_folder
from pumpbench.hil.flashing.boards import BOARDS as PHYSICAL
from pumpbench.hil.links import LinkError, PortBusy, PortDenied
from pumpbench.hil.links.holders import holders
from pumpbench.hil.ports import Port, device_of, ports
from pumpbench.hil.qemu.boards import BOARDS as EMULATED
from pumpbench.hil.qemu.machine import INSTALL, PROGRAM
from pumpbench.hil.targets import served_here, served_how
from pumpbench.tools import settings
from pumpbench.tools.called import called
from pumpbench.tools.doctor import Finding
from pumpbench.tools.failure import Failed
from pumpbench.tools.settings import NamedTarget

QEMU_MIN: Final = (7, 2)
RULE: Final = SOURCES.parent / "60-pumpbench.rules"
RULE_FOLDERS: Final = (Path("/etc/udev/rules.d"), Path("/usr/lib/udev/rules.d"), Path("/run/udev/rules.d"))
INSTALL_RULE: Final = f"sudo cp {RULE} {RULE_FOLDERS[0]}/ && sudo udevadm control --reload && sudo udevadm trigger"
PROC: Final = Path("/proc")
USB_SERIAL: Final = Path("/sys/bus/usb-serial/devices")
LATENCY_MS_MAX: Final = 1


def findings(target: str = "") -> list[Finding]:
    """What holds for every board; `target`: the one that is meant, which may need QEMU. Raises nothing."""
    seen = ports()
    wanted = target.startswith("qemu:") or (served_here(target) and "@qemu:" in target)
    real_usb = target.startswith("usb:") and not served_here(target)
    return [qemu(wanted), libusb(wanted=real_usb), modem_manager(seen), *latency_timers(seen), *held_ports(seen)]


def target_findings(name: str, named: NamedTarget | None) -> list[Finding]:
    """What holds for one target, by the name that opens it; `named` where a settings file has it."""
    kind, _, rest = name.partition(":")
    if kind == "qemu":
        return [image_of(EMULATED[rest].family, named)]
    if served_here(name):
        behind = [usbip_device(name)] if "@usbip:" in name else target_findings(rest.partition("@")[2], named)
        return [_finding(f"{name} is {served_how(name)} take part", True), *behind]
    looks = {
        "serial": lambda: [port_of(rest, named)],
        "usb": lambda: [usb_device(rest)],
    }
    found = looks.get(kind, list)()
    if named is not None and named.board in PHYSICAL:
        found.append(image_of(PHYSICAL[named.board].family, named))
    return found


def settings_read() -> list[Finding]:
    """What keeps the settings from being read, which ends every verb that asks for one; nothing where all is well."""
    try:
        settings.load()
    except Failed as problem:
        return [_finding(str(problem), False, "correct that file, or move it away")]
    return []


def qemu(wanted: bool) -> Finding:
    """Its version, with what is known not to work in it; `wanted`: the target needs it."""
    if shutil.which(PROGRAM) is None:
        return _finding(f"{PROGRAM} not found{'' if wanted else '; only targets qemu: need it'}", not wanted, INSTALL)
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\d+)\.(\d+)\S*", done.stdout)
    if found is None:
        return _finding(f"{PROGRAM} does not say its version", False, INSTALL)
    unsaved = ", ".join(name for name, board in EMULATED.items() if board.no_snapshot)
    unwatched = ", ".join(name for name, board in EMULATED.items() if board.no_watchdog)
    known = f"known faults: no snapshots of {unsaved}, no watchdog on {unwatched}"
    fresh = (int(found[1]), int(found[2])) >= QEMU_MIN
    return _finding(f"QEMU {found[0].removeprefix('version ')}; {known}", fresh, f"{INSTALL}: 7.2 or later")


def libusb(wanted: bool) -> Finding:
    """Through which pyusb reaches a real device; `wanted`: the target is one."""
    # Late: pyusb is for whoever has USB.
    from pumpbench.hil.usb_ports import CURE, has_libusb

    if has_libusb():
        return _finding("libusb found", True)
    return _finding(f"libusb not found{'' if wanted else '; only targets usb: need it'}", not wanted, CURE)


def usb_device(rest: str) -> Finding:
    """Whether the pump on USB is there, may be opened and is free: by opening it for a moment."""
    from pumpbench.hil.links.usb import UsbLink
    from pumpbench.hil.links.usb_find import UsbName

    try:
        UsbLink(UsbName.parse(rest)).close()
    except PortDenied as problem:
        return _finding(str(problem), False, INSTALL_RULE)
    except LinkError as problem:
        return _finding(str(problem), False, f"{called()} list shows what is plugged in")
    return _finding(f"usb:{rest} is there, yours and free", True)


def usbip_device(name: str) -> Finding:
    """Whether the server answers and has that device free: by having it for a moment."""
    from pumpbench.hil.targets.usb import UsbTarget

    try:
        UsbTarget(name.removeprefix("usb:")).close()
    except PortBusy as problem:
        return _finding(str(problem), False, "detach it there, or end what has it")
    except LinkError as problem:
        other = problem.where.startswith("usb:")
        return _finding(str(problem), False, "name what is served there" if other else f"{called()} emulate --usbip serves one")
    return _finding(f"{name.partition('@')[2]} answers, and its device is free", True)


def modem_manager(seen: list[Port], folders: tuple[Path, ...] = RULE_FOLDERS, proc: Path = PROC) -> Finding:
    """It sends AT commands to each new port, unless a rule keeps it away."""
    running = any(_text(folder / "comm") == "ModemManager" for folder in proc.glob("[0-9]*"))
    kept_away = any((folder / RULE.name).is_file() for folder in folders)
    if not running:
        return _finding("ModemManager does not run", True)
    what = "ModemManager runs and " + ("leaves our boards alone" if kept_away else "talks to each board that is plugged in")
    return _finding(what, kept_away or not any(port.vid_pid for port in seen), INSTALL_RULE)


def latency_timers(seen: list[Port], devices: Path = USB_SERIAL) -> list[Finding]:
    """Of each FTDI adapter: how long it holds a short reply back."""
    found = []
    for port in seen:
        timer = devices / os.path.basename(port.device) / "latency_timer"
        if text := _text(timer):
            what = f"port {port.device}: its adapter holds replies back for {text} ms"
            found.append(_finding(what, int(text) <= LATENCY_MS_MAX, f"echo 1 | sudo tee {timer}; for good: {INSTALL_RULE}"))
    return found


def held_ports(seen: list[Port]) -> list[Finding]:
    """Who has which port open; that alone is no fault."""
    held = [(port.device, holders(port.device)) for port in seen]
    return [_finding(f"port {device} is held by {who[0]}", True) for device, who in held if who]


def port_of(url: str, named: NamedTarget | None) -> Finding:
    """Whether the target's port is there, is the board's, and is free."""
    try:
        device = device_of(url)
    except LinkError as problem:
        return _finding(str(problem), False, f"{called()} list shows what is plugged in")
    if "://" in url:
        return _finding(f"{url} is not looked at from here", True)
    if named is not None and named.serial and named.url and os.path.realpath(named.url) != os.path.realpath(device):
        what = f"board {named.serial} is {device} now, not {named.url}, which {named.place} gives; its serial decides"
        return _finding(what, False, f"take url out of that table in {named.place}")
    if not os.path.exists(device):
        return _gone(device, named)
    who = holders(device)
    return _finding(
        f"port {device} is {f'held by {who[0]}' if who else 'there and free'}", not who, f"kill {who[0].pid if who else ''}"
    )


def image_of(family: str, named: NamedTarget | None) -> Finding:
    """Whether the target's image is there and, where it is one built here, no source is newer; `make -q` judges."""
    own = build_folder() / "firmware" / f"{family}.elf"
    image = Path(named.image) if named is not None and named.image else own
    build = f"make -C {SOURCES} firmware-{family} BUILD={build_folder()}"
    if not image.is_file():
        return _finding(f"no image {image}", False, build)
    if image.resolve() != own.resolve():
        return _finding(f"image {image} is not one built here; whether it is fresh cannot be said", True)
    fresh = _is_made(f"firmware-{family}")
    return _finding(f"image {image} is {'fresh' if fresh else 'stale: older than its sources'}", fresh, build)


def _gone(device: str, named: NamedTarget | None) -> Finding:
    """A device that is not there, though a board may only have another number since it was plugged in again."""
    others = [port for port in ports() if port.usb_serial]
    if not others:
        return _finding(f"no port {device}", False, "plug the board in")
    last = others[-1]
    where = f"in {named.place} " if named is not None else ""
    what = f"no port {device}; plugged in last is {last.device}, serial {last.usb_serial}"
    return _finding(what, False, f'name the board, not its number: {where}serial = "{last.usb_serial}"')


def _is_made(goal: str) -> bool:
    asked = ["make", "-q", "-C", str(SOURCES), goal, f"BUILD={build_folder()}"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _finding(what: str, ok: bool, cure: str = "") -> Finding:
    return Finding(what, ok, "" if ok else cure)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
