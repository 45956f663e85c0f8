"""How a device that this machine serves comes to a guest, and goes again: by USB/IP or by usb-redir; knows not what it is."""

import itertools
from typing import Final

from pumpbench.hil.guest.errors import GuestRefused
from pumpbench.hil.guest.guest import Guest
from pumpbench.hil.guest.process import WHERE

HOST: Final = "10.0.2.2"
"""What a guest calls the machine it runs on: its own loopback."""
_names = itertools.count(1)


def attach(guest: Guest, port: int, busid: str) -> None:
    """As root of any Linux does it, by `usbip`, from a server on this machine's loopback. Raises `GuestRefused`."""
    done = guest.run("usbip", "--tcp-port", str(port), "attach", "-r", HOST, "-b", busid)
    if done.code:
        said = done.err.strip().splitlines() or ["nothing"]
        raise GuestRefused(WHERE, f"usbip could not attach {busid} ({said[-1]})", "does a server listen there?")


class RedirSocket:
    """One of the guest's USB sockets, of the fast kind, and a cable from there to whoever listens at `path` for QEMU to come.

    Raises what `Qmp.execute` does.
    """

    def __init__(self, guest: Guest, path: str) -> None:
        self._qmp = guest.process.qmp
        self._path = path
        self._name = ""

    def plug(self) -> None:
        """A new cable each time: with a device QEMU takes away its channel."""
        self._name = f"redir{next(_names)}"
        where = {"type": "unix", "data": {"path": self._path}}
        self._qmp.execute("chardev-add", id=self._name, backend={"type": "socket", "data": {"addr": where, "server": False}})
        self._qmp.execute("device_add", driver="usb-redir", id=f"{self._name}-device", chardev=self._name, bus="xhci.0")

    def pull(self) -> None:
        """At any moment, as a hand does."""
        self._qmp.execute("device_del", id=f"{self._name}-device")
        while self._qmp.wait_event("DEVICE_DELETED")["data"].get("device") != f"{self._name}-device":
            pass
