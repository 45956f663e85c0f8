"""Bytes through one non-blocking file descriptor, whatever it stands for; knows no port and decides no policy."""

import errno
import os
import select
import time

from pumpbench.hil.links.errors import RECONNECT, LinkLost, LinkStalled
from pumpbench.hil.links.link import READ_BYTES_MAX, STALL_S

GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
# A socket whose peer closed is readable to its end rather than hung up; Linux tells the two apart.
PEER_CLOSED = getattr(select, "POLLRDHUP", 0)
# What the kernel says, by kind of descriptor, when the other end is no more.
GONE_ERRNOS = frozenset({errno.EIO, errno.ENXIO, errno.ENODEV, errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EBADF})


class Descriptor:
    """Waits for, reads from and writes to `fd`, which is already non-blocking and owned by the caller."""

    def __init__(self, fd: int, where: str) -> None:
        self.fd = fd
        self.where = where
        # Two polls kept ready: setting one up costs more than the read it guards.
        self._readable = select.poll()
        self._readable.register(fd, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(fd, select.POLLOUT)

    def read(self, timeout_s: float) -> bytes:
        """Bytes, or b"" after `timeout_s`; raises `LinkLost` once the other end is gone and nothing is left to read."""
        deadline = 0.0
        while self._readable.poll(max(0.0, timeout_s) * 1000):
            try:
                chunk = os.read(self.fd, READ_BYTES_MAX)
            except BlockingIOError:
                # Somebody else took the bytes between poll and read: wait for what is left of the time.
                deadline = deadline or time.monotonic() + timeout_s
                timeout_s = deadline - time.monotonic()
                if timeout_s <= 0:
                    return b""
                continue
            except OSError as problem:
                raise self._lost(problem) from problem
            if chunk:
                return chunk
            raise self.lost("the other end closed")
        return b""

    def write(self, data: bytes) -> None:
        """Every byte, or `LinkLost` or `LinkStalled` with how many had passed."""
        passed = self._write_some(data, 0)
        while passed < len(data):
            events = self._writable.poll(STALL_S * 1000)
            if not events:
                raise LinkStalled(
                    self.where, f"took no byte for {STALL_S:g} s", "is the other side running and reading? restart it", passed
                )
            taken = self._write_some(memoryview(data)[passed:], passed)
            if not taken and events[0][1] & GONE:
                raise self.lost("the other end closed", passed)
            passed += taken

    def _write_some(self, data: bytes | memoryview, passed: int) -> int:
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise self._lost(problem, passed) from problem

    def hung_up(self) -> bool:
        """True while the other end is closed, even if bytes of it are left to read."""
        # A poll of its own each time, because a poll object may not be shared by the thread that reads and the one that writes.
        state = select.poll()
        state.register(self.fd, PEER_CLOSED)
        return bool(state.poll(0))

    def lost(self, what: str, passed: int = 0) -> LinkLost:
        """The exception that says this link is gone, for the caller to raise."""
        return LinkLost(self.where, what, RECONNECT, passed)

    def _lost(self, problem: OSError, passed: int = 0) -> LinkLost:
        if problem.errno in GONE_ERRNOS:
            return self.lost("the device hung up", passed)
        return self.lost(f"the system reported {problem.strerror}", passed)
