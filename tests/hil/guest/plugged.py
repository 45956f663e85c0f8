"""A pump of this machine plugged into a guest, by either way, pulled and put back; judges nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pumpbench.hil.guest.guest import Guest
from pumpbench.hil.guest.plugging import RedirSocket, attach
from pumpbench.hil.targets import Access
from pumpbench.hil.targets.usb import Served
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.hil.usb.usbredir_server import RedirServer
from tests.hil.guest.guests import await_file, restored
from tests.support import require

FRAMES: Final = "usb:1209:0001"
TTY: Final = "/dev/ttyACM0"
PORT: Final = f"serial:{TTY}"
DOORS: Final = (FRAMES, PORT)
WAYS: Final = ("usbip", "usbredir")
NEEDS: Final = {"native": ("cc",), "qemu": ("arm", "qemu")}


class Plugged:
    """The pump at hand is `served`; `there` says whether the guest's kernel has it."""

    def __init__(self, guest: Guest, served: Served) -> None:
        self.guest = guest
        self.served = served
        self.told: list[str] = []
        """What the server had to say of its client."""

    def put(self) -> None:
        """Until its serial port is there, too."""
        self._put()
        await_file(self.guest, TTY)

    def pull(self) -> None:
        """On this side, and without waiting for the guest to see it."""
        self.served.bus.unplug(self.served.usb)

    def replug(self) -> None:
        """Pulled at whichever side."""
        await_file(self.guest, TTY, there=False)
        here = self.served.usb.plugged
        if not here:
            self.served.bus.plug(self.served.usb)
        if here or self.attaches:
            self._put()
        await_file(self.guest, TTY)

    attaches = True
    """Each time anew; else what is plugged in here is found there by itself."""

    def _put(self) -> None:
        raise NotImplementedError


class OverUsbip(Plugged):
    """By the kernel's own client, over the guest's network."""

    def __init__(self, guest: Guest, served: Served) -> None:
        super().__init__(guest, served)
        self.server = UsbipServer(served.bus, port=0, told=self.told.append)

    def _put(self) -> None:
        attach(self.guest, self.server.port, self.server.devices[0].rpartition("/")[2])


class OverUsbredir(Plugged):
    """At the guest's xHCI controller, as a real device is."""

    attaches = False

    def __init__(self, guest: Guest, served: Served, folder: Path) -> None:
        super().__init__(guest, served)
        self.server = RedirServer(served.bus, f"unix:{folder / 'redir'}", self.told.append)
        self.socket = RedirSocket(guest, str(folder / "redir"))

    def _put(self) -> None:
        self.socket.plug()


@contextmanager
def plugged(way: str, pump: str = "native") -> Iterator[Plugged]:
    """`pump`: as after an `@` of a target."""
    require("guest")
    for capability in NEEDS.get(pump.partition(":")[0], ()):
        require(capability)
    with ExitStack() as opened:
        guest = opened.enter_context(restored())
        served = opened.enter_context(closing(Served("GUEST-1", pump, Access())))
        made: OverUsbip | OverUsbredir
        if way == "usbip":
            made = OverUsbip(guest, served)
        else:
            made = OverUsbredir(guest, served, Path(opened.enter_context(TemporaryDirectory(prefix="pumpbench-"))))
        opened.enter_context(closing(made.server))
        made.put()
        yield made
