"""A link that comes back: where the port goes away it is waited for and opened again; it knows no frame and mends none."""

import threading
import time
from collections.abc import Callable
from typing import Final

from pumpbench.hil.links.errors import LinkError, LinkLost
from pumpbench.hil.links.link import Link

PATIENCE_S: Final = 10.0
LOOK_S: Final = 0.1


class ReconnectingLink(Link):
    """What was on its way when the port went is lost; whoever waits for a reply asks again, as after any lost frame.

    `reopen` is called anew for each attempt. Raises `LinkLost` when the port is not back in `patience_s`.
    """

    def __init__(self, reopen: Callable[[], Link], patience_s: float = PATIENCE_S) -> None:
        self._reopen = reopen
        self._patience_s = patience_s
        self._closed = False
        self._door = threading.Lock()
        self._link = reopen()
        self.reconnected_count = 0

    @property
    def url(self) -> str:
        return self._link.url

    def write(self, data: bytes) -> None:
        link = self._link
        try:
            link.write(data)
        except LinkLost as problem:
            self._come_back(link, problem)
            # Whole again: half a frame means nothing to a device that may have been reset.
            self._link.write(data)

    def read(self, timeout_s: float) -> bytes:
        link = self._link
        try:
            return link.read(timeout_s)
        except LinkLost as problem:
            self._come_back(link, problem)
            return b""

    def close(self) -> None:
        self._closed = True
        self._link.close()

    def _come_back(self, failed: Link, problem: LinkLost) -> None:
        """Raises `problem` itself where this link was closed here."""
        # The thread that reads and the one that writes may both find it gone: the second finds it back.
        with self._door:
            if self._closed:
                raise problem
            if self._link is failed:
                failed.close()
                self._link = self._opened_again(problem)
                self.reconnected_count += 1

    def _opened_again(self, problem: LinkLost) -> Link:
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return self._reopen()
            except LinkError as still:
                if time.monotonic() >= deadline:
                    what = f"it went away and was not back in {self._patience_s:g} s ({still})"
                    raise LinkLost(problem.where, what, "plug it in again", problem.passed_bytes) from problem
            time.sleep(LOOK_S)
