"""The reference as a target: in this process over memory, or behind a real pty; it knows no other implementation."""

import threading

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import Link, MemoryLink, PtyLink, SerialLink, memory_pair
from pumpbench.hil.serve import SLICE_TICKS, Server
from pumpbench.hil.targets.target import Target


class EmulatorTarget(Target):
    """Answers whenever its link is read, on the reader's own thread; between requests nothing moves."""

    name = "emulator"
    independent = False

    def __init__(self) -> None:
        self.device: Device = Device()
        host, device_end = memory_pair("emulator")
        host.pump = lambda: _work(self.device, device_end)
        self.link: Link = host

    def close(self) -> None:
        self.link.close()


class EmulatorOnPty(Target):
    """Serves the reference on a pty from a thread of its own: the link is real, the pump is the reference itself."""

    name = "emulator"
    independent = False
    # Nothing may touch it here: it belongs to the thread that serves.
    device: Device | None = None

    def __init__(self) -> None:
        self._pty = PtyLink()
        self._server = Server(Device(), self._pty, speed=1)
        self._thread = threading.Thread(target=self._server.run, name="emulator on pty", daemon=True)
        self._thread.start()
        self.link: Link = SerialLink(self._pty.slave_path)

    def close(self) -> None:
        self.link.close()
        self._server.stop()
        self._thread.join()
        self._pty.close()


def _work(device: Device, end: MemoryLink) -> bool:
    """In slices, so that whoever waits for a credit can lose patience and end it."""
    device.push(end.read(0))
    if answer := device.work(SLICE_TICKS):
        end.write(answer)
    return device.busy
