"""The ways by which a host elsewhere has a device: the same device behind each, and pyusb at the other end; it judges nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus, BusDevice
from pumpbench.hil.usb.descriptors import Speed
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.hil.usb.usbredir_server import RedirServer
from tests.hil.usb.plugged import Plugged
from tests.hil.usb.redir_guest import Guest
from tests.support import wait_until


class Far(Plugged):
    """The device is on `bus`, which is served; `backend` is that of the host's own bus, `far`, where it is attached."""

    def __init__(self, attach: Callable[[], BusDevice], speed: Speed, device: PumpDevice | None) -> None:
        super().__init__(speed, device=device)
        self._attach = attach
        self.far = Bus()
        self.backend = InProcessBackend(self.far)

    def attach(self) -> None:
        self.far.plug(self._attach())
        assert self.far.refused == []

    def unplug(self) -> None:
        super().unplug()
        wait_until(lambda: not self.far.attached, "the host to see that the device is gone")

    def replug(self) -> None:
        self.unplug()
        self.bus.plug(self.device)
        self.attach()


@contextmanager
def in_process(speed: Speed = Speed.FULL, device: PumpDevice | None = None) -> Iterator[Plugged]:
    yield Plugged(speed, device=device)


@contextmanager
def over_usbip(speed: Speed = Speed.FULL, device: PumpDevice | None = None) -> Iterator[Plugged]:
    told: list[str] = []
    far = Far(lambda: UsbipDevice(server.host, server.port, "1-1"), speed, device)
    server = UsbipServer(far.bus, port=0, told=told.append)
    try:
        far.attach()
        yield far
        for one in far.far.attached:
            far.far.unplug(one.device)
    finally:
        server.close()
    assert told == []


@contextmanager
def over_usbredir(speed: Speed = Speed.FULL, device: PumpDevice | None = None) -> Iterator[Plugged]:
    told: list[str] = []
    with TemporaryDirectory(prefix="pumpbench-redir-") as folder:
        path = Path(folder, "redir.sock")
        far = Far(lambda: guest.wait_for_device(), speed, device)
        server = RedirServer(far.bus, f"unix:{path}", told.append)
        guest = Guest(path)
        try:
            far.attach()
            yield far
            guest.close()
        finally:
            server.close()
    assert told == []


WAYS: Final = {"in process": in_process, "usbip": over_usbip, "usbredir": over_usbredir}
FAR: Final = {name: way for name, way in WAYS.items() if name != "in process"}
