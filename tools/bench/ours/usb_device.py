"""What the USB paths talk to: the emulated pump, or a bare device that answers so many bytes for so many; it measures nothing."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import LinkError
from pumpbench.hil.serve import Server
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.end import End
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.tools.bench import payload

SERIAL: Final = "BENCH"
LOOK_S: Final = 0.05


@contextmanager
def plugged(kind: str) -> Iterator[Bus]:
    """`kind`: pump or echo. On a bus of its own, served by a thread."""
    device, bus = PumpDevice(SERIAL), Bus()
    bus.plug(device)
    serve = _pump(device.end) if kind == "pump" else _echo(device.end)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield bus
    finally:
        device.end.close()
        thread.join()


def _pump(end: End) -> Callable[[], None]:
    server = Server(Device(), end)

    def serve() -> None:
        try:
            server.run()
        except LinkError:
            return  # pulled at the end

    return serve


def _echo(end: End) -> Callable[[], None]:
    """A reply for as many bytes as a request has, as soon as the last of them is there."""
    asked, reply = payload.request_and_reply()

    def serve() -> None:
        waiting = 0
        try:
            while True:
                waiting += len(end.read(LOOK_S))
                count, waiting = divmod(waiting, len(asked))
                if count:
                    end.write(reply * count)
        except LinkError:
            return

    return serve


def main(kind: str) -> None:
    """In a process of its own: by USB/IP, until stdin ends."""
    with plugged(kind) as bus, closing(UsbipServer(bus, port=0)) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
