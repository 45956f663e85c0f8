"""Targets by name: what answers the protocol, and how to open it. Knows no rig and prints nothing."""

from pathlib import Path
from typing import Final

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.qemu.boards import check_board
from pumpbench.hil.spelling import is_near, nearest
from pumpbench.hil.targets.access import Access
from pumpbench.hil.targets.target import Target

NAMES: Final = (
    "emulator",
    "native",
    "qemu:<board>",
    "serial:<pyserial URL>",
    "usb:<vid>:<pid>[:<serial>][@<target>]",
    "capture:<file>",
)


def check_name(name: str) -> str:
    """The name itself; raises `TargetUnknown`, which says what there is. Opens nothing."""
    kind, _, rest = name.partition(":")
    if name in ("emulator", "native") or (kind == "serial" and rest):
        return name
    if kind == "qemu":
        check_board(rest)
        return name
    if kind == "usb":
        # Late: pyusb is for whoever asks for it.
        from pumpbench.hil.targets.usb import split_name

        split_name(rest)
        return name
    if kind == "capture":
        if not Path(rest).is_file():
            raise TargetUnknown(f"target {name!r}: no such file; write capture:out/latest, or record one with run or record")
        return name
    if kind == "serial":
        raise TargetUnknown(f"target {name!r}: no port named; write serial:/dev/ttyACM0 or serial:socket://host:port")
    if "/" in name:
        raise TargetUnknown(f"target {name!r} is a path or URL; write serial:{name}")
    kinds = ("emulator", "native", "qemu", "serial", "usb", "capture")
    hint = nearest(kind, kinds) if any(is_near(kind, one) for one in kinds) else f"choose one of {', '.join(NAMES)}"
    raise TargetUnknown(f"target {name!r} is not known; {hint}")


def served_here(name: str) -> bool:
    """True of a USB device that this process has without a kernel: one of its own, or one that a USB/IP server elsewhere has."""
    return name.startswith("usb:") and "@" in name


def served_how(name: str) -> str:
    """Of such a device: how it is here, and what takes no part in that."""
    if "@usbip:" in name:
        return "attached by USB/IP in this process, as was asked: no kernel and no driver of this machine"
    return "served in this process, as was asked: no kernel and no cable"


def open_target(name: str, *, pty: bool = False, access: Access | None = None) -> Target:
    """Opens a target. `pty`: the emulator behind a real pty instead of memory. `access`: how, beside its name.

    Raises `TargetUnknown`, `RigBroken` (`FirmwareMissing` and `BuildFailed` among them) or a `LinkError`.
    """
    check_name(name)
    # Late, because the command line opens this package to check a name alone.
    if name == "native":
        from pumpbench.hil.targets.native import NativeTarget

        return NativeTarget()
    if name == "emulator":
        from pumpbench.hil.targets.emulator import EmulatorOnPty, EmulatorTarget

        return EmulatorOnPty() if pty else EmulatorTarget()
    kind, _, rest = name.partition(":")
    access = access or Access()
    if kind == "qemu":
        from pumpbench.hil.targets.qemu import QemuTarget

        return QemuTarget(rest, access.image)
    if kind == "usb":
        from pumpbench.hil.targets.usb import UsbTarget

        return UsbTarget(rest, access)
    if kind == "capture":
        from pumpbench.hil.targets.capture import CaptureTarget

        return CaptureTarget(rest)
    from pumpbench.hil.targets.port import PortTarget

    return PortTarget(rest, access)


__all__ = ["NAMES", "Access", "Target", "check_name", "open_target", "served_here", "served_how"]
