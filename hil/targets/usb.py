"""A pump behind USB as a target: on this machine's own bus, on a USB/IP server's, or served by this process; it knows no rig."""

import contextlib
import threading
from dataclasses import replace
from typing import Any, Final

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links import Link, ReconnectingLink
from pumpbench.hil.links.reconnecting import PATIENCE_S
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.links.usb_find import UsbName, find_device, serial_of
from pumpbench.hil.lock import BoardLock
from pumpbench.hil.qemu.boards import check_board
from pumpbench.hil.serve import Server
from pumpbench.hil.targets.access import Access
from pumpbench.hil.targets.target import Target
from pumpbench.hil.targets.usbip import Attached, place_of
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bridge import Bridge
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID
from pumpbench.hil.usb.pump import PumpDevice

SERVED_PATIENCE_S: Final = 1.0
"""In this process nobody has to walk to a cable; a pump whose process has ended is not waited for."""
SERVED: Final = ("emulator", "native", "qemu:<board>", "usbip://HOST[:PORT][/BUSID]")


def split_name(rest: str) -> tuple[UsbName, str]:
    """Of what stands after `usb:`, the device, and whence this process is to have it: empty for a real one.

    Raises `TargetUnknown`.
    """
    device, at, served = rest.partition("@")
    whole = f"usb:{rest}"
    try:
        name = UsbName.parse(device)
    except ValueError as problem:
        raise TargetUnknown(f"target {whole!r}: {problem}") from None
    if not at:
        return name, ""
    kind, _, board = served.partition(":")
    if kind == "usbip":
        place_of(served)
        return name, served
    if kind == "qemu":
        check_board(board)
    elif served not in SERVED:
        raise TargetUnknown(f"target {whole!r}: {served!r} cannot be served; choose @ and one of {', '.join(SERVED)}")
    if name[:2] != (VENDOR_ID, PRODUCT_ID):
        raise TargetUnknown(f"target {whole!r}: in this process there is usb:1209:0001 alone; write that before the @")
    return name._replace(serial=name.serial or board.upper() or kind.upper()), served


class UsbTarget(Target):
    """Any number of them may be plugged in, told apart by serial number. Raises `TargetUnknown`, a `RigBroken` or a `LinkError`.

    A device on the machine's bus is locked for as long as this is open, as any board is. Independent until its own answer to
    `Identify` says otherwise.
    """

    independent = True
    device = None

    def __init__(self, rest: str, access: Access | None = None) -> None:
        self.name = f"usb:{rest}"
        access = access or Access()
        name, served = split_name(rest)
        self.served: Served | None = None
        self._behind: Target | None = None
        with contextlib.ExitStack() as opened:
            backend = None
            patience_s = PATIENCE_S
            if served.startswith("usbip:"):
                backend = InProcessBackend(opened.enter_context(contextlib.closing(Attached(served, access.wait_s))).bus)
            elif served:
                patience_s = SERVED_PATIENCE_S
                self.served = opened.enter_context(contextlib.closing(Served(name.serial, served, access)))
                backend = InProcessBackend(self.served.bus)
                self._behind = self.served.behind
                self.ticks_per_second = self._behind.ticks_per_second if self._behind else 0
            else:
                opened.enter_context(BoardLock(_board_id(name), "talk to it", access.wait_s))
            self.link: Link = opened.enter_context(_linked(name, backend, self.name, patience_s if access.reconnect else None))
            self._opened = opened.pop_all()

    def crashed(self) -> str:
        return self._behind.crashed() if self._behind is not None else ""

    def alive(self) -> str:
        return self._behind.alive() if self._behind is not None else ""

    def close(self) -> None:
        self._opened.close()


class Served:
    """One device on a bus of its own in this process, and the pump behind it.

    `what`: as in `SERVED`, or a `serial:<pyserial URL>`. `speed`: of an emulator that is not armed, as `Server` has it. Raises a
    `RigBroken` or a `LinkError`.
    """

    def __init__(self, serial: str, what: str, access: Access, speed: float | None = 1) -> None:
        self.bus = Bus()
        self.usb = PumpDevice(serial)
        self.behind: Target | None = None
        with contextlib.ExitStack() as opened:
            if what == "emulator":
                opened.callback(_serve(self.usb, speed))
            else:
                self.behind = opened.enter_context(_behind(what, access))
                opened.callback(Bridge(self.usb.end, self.behind.link).close)
            self._opened = opened.pop_all()
        self.bus.plug(self.usb)

    def wait(self) -> None:
        """Until the device is off its bus for good, because the pump behind it is gone."""
        with self.usb.changed:
            self.usb.changed.wait_for(lambda: self.usb.end.closed)

    def close(self) -> None:
        self._opened.close()


def _board_id(name: UsbName) -> str:
    """The same that its serial port is locked by: its serial number, where it tells one."""
    return (name.serial or serial_of(find_device(name, None, str(name))) or str(name)).lower()


def _linked(name: UsbName, backend: Any, shown: str, patience_s: float | None) -> Link:
    """`patience_s` None: a link that does not come back."""

    def opened() -> Link:
        # Found anew each time: what is plugged in again has another address.
        return UsbLink(name, backend, shown)

    return opened() if patience_s is None else ReconnectingLink(opened, patience_s)


def _serve(usb: PumpDevice, speed: float | None) -> Any:
    """The emulator on a thread of its own, in free run while it is not armed; gives what ends it."""
    server = Server(Device(), usb.end, speed)
    thread = threading.Thread(target=server.run, name="emulator on usb", daemon=True)
    thread.start()

    def end() -> None:
        server.stop()
        usb.end.close()
        thread.join()

    return end


def _behind(what: str, access: Access) -> Target:
    # Late: QEMU is for whoever asks for it.
    if what == "native":
        from pumpbench.hil.targets.native import NativeTarget

        return NativeTarget()
    if what.startswith("serial:"):
        from pumpbench.hil.targets.port import PortTarget

        return PortTarget(what.removeprefix("serial:"), replace(access, reconnect=False))
    from pumpbench.hil.targets.qemu import QemuTarget

    return QemuTarget(what.partition(":")[2], access.image)
