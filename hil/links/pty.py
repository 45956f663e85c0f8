"""A pseudo-terminal whose master the device serves on, as if its UART had a cable; knows nothing of what is said on it."""

import contextlib
import os
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from pumpbench.hil.links.descriptor import Descriptor
from pumpbench.hil.links.errors import LinkError, LinkLost, PortBusy, PortMissing
from pumpbench.hil.links.link import ServingLink
from pumpbench.hil.links.rawtty import make_raw

# A closed slave makes every poll return at once, so the wait for the next host is counted in these.
REOPEN_PAUSE_S = 0.002


class PtyLink(ServingLink):
    """The master end. Hosts open `slave_path`, or `symlink` where a name was wished that outlives this run.

    Raises `PortMissing` when the machine has no pty to give, `PortBusy` when the symlink's name is taken.
    """

    def __init__(self, symlink: Path | None = None) -> None:
        if symlink is not None:
            _refuse_taken(symlink)
        master, self.slave_path = _open_pair()
        os.set_blocking(master, False)
        self._descriptor = Descriptor(master, self.slave_path)
        self._host_was_there = False
        self._symlink = symlink
        if symlink is not None:
            self._point(symlink)

    @property
    def url(self) -> str:
        return str(self._symlink or self.slave_path)

    @property
    def attached(self) -> bool:
        return self._descriptor.fd >= 0 and not self._descriptor.hung_up()

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            try:
                chunk = self._open_descriptor().read(left_s)
            except LinkLost:
                self._see_host_off()
                if left_s <= 0:
                    return b""
                time.sleep(min(REOPEN_PAUSE_S, left_s))
                continue
            self._host_was_there = True
            return chunk

    def write(self, data: bytes) -> None:
        descriptor = self._open_descriptor()
        if descriptor.hung_up():
            return
        self._host_was_there = True
        with contextlib.suppress(LinkLost):
            descriptor.write(data)

    def close(self) -> None:
        if self._descriptor.fd < 0:
            return
        if self._symlink is not None and _target(self._symlink) == self.slave_path:
            self._symlink.unlink(missing_ok=True)
        os.close(self._descriptor.fd)
        self._descriptor.fd = -1

    def _open_descriptor(self) -> Descriptor:
        if self._descriptor.fd < 0:
            raise LinkError(self.slave_path, "this link was closed here", "open a new one")
        return self._descriptor

    def _see_host_off(self) -> None:
        """Once per host: the next one finds raw mode again, and nothing of what the last one left unread."""
        if not self._host_was_there:
            return
        self._host_was_there = False
        # Refused, the slave is already somebody else's, who sets it as they like.
        with contextlib.suppress(OSError, termios.error), _opened(self.slave_path) as slave:
            make_raw(slave)
            termios.tcflush(slave, termios.TCIFLUSH)

    def _point(self, symlink: Path) -> None:
        fresh = symlink.with_name(f".{symlink.name}.{os.getpid()}")
        try:
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self.slave_path)
            fresh.replace(symlink)
        except OSError as problem:
            self._symlink = None
            self.close()
            raise PortMissing(
                str(symlink),
                f"the symlink cannot be made ({problem.strerror})",
                "choose a folder that exists and that you may write",
            ) from problem


def _open_pair() -> tuple[int, str]:
    """The master and the slave's path, raw, with the slave closed again: nobody is attached yet."""
    try:
        master, slave = os.openpty()
    except OSError as problem:
        raise PortMissing(
            "pty", f"none to be had ({problem.strerror})", "is /dev/pts mounted? mount -t devpts devpts /dev/pts"
        ) from problem
    try:
        make_raw(slave)
        return master, os.ttyname(slave)
    finally:
        os.close(slave)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


def _refuse_taken(symlink: Path) -> None:
    """A dangling symlink is left over from a killed run and may go; a live one, or a real file, is somebody's."""
    if symlink.is_symlink() and not symlink.exists():
        return
    if symlink.is_symlink():
        raise PortBusy(
            str(symlink),
            f"already points at {_target(symlink)}, which is alive",
            "end that run, remove the symlink, or choose another name",
        )
    if symlink.exists():
        raise PortBusy(str(symlink), "is a file, not a symlink of ours", "choose another name")


def _target(symlink: Path) -> str:
    try:
        return os.readlink(symlink)
    except OSError:
        return ""
