"""Passes bytes both ways between two links, a thread for each way; changes none, and knows no frame."""

import threading
from collections.abc import Callable
from typing import Final

from pumpbench.hil.between.journal import Journal
from pumpbench.hil.links import Link, LinkError, LinkStalled

LOOK_S: Final = 0.05
"""How long a stop may go unnoticed; bytes are noticed as they come."""


class Relay:
    """Runs from `start` until `stop`, or until a link fails: then `problem` says so.

    A programmer that does not read loses bytes, as on a cable without flow control; `undelivered_bytes` counts them. The tap is
    at the pump, so they are on record.
    """

    def __init__(self, programmer: Link, pump: Link, journal: Journal) -> None:
        self._programmer = programmer
        self._pump = pump
        self._journal = journal
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._kept, args=(way,), daemon=True) for way in (self._tell, self._hear)]
        self._programmer_there = False
        self.problem: Exception | None = None
        self.undelivered_bytes = 0

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns once both ways stand still; what was read has been passed and recorded."""
        self._ended.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _kept(self, way: Callable[[], None]) -> None:
        """The first failure ends both ways: half a conversation is worth nothing."""
        try:
            while not self.ended:
                way()
        except Exception as problem:
            self.problem = self.problem or problem
        finally:
            self._ended.set()

    def _tell(self) -> None:
        chunk = self._programmer.read(LOOK_S)
        self._look(bool(chunk))
        if not chunk:
            return
        place, passed = self._journal.telling(), 0
        try:
            self._pump.write(chunk)
            passed = len(chunk)
        except LinkError as problem:
            passed = problem.passed_bytes
            raise
        finally:
            self._journal.told(place, chunk[:passed])

    def _look(self, spoke: bool) -> None:
        """Whoever is gone and has still bytes here has not left yet. A cable does not say who is there."""
        attached = getattr(self._programmer, "attached", None)
        there = spoke or bool(attached)
        if attached is not None and there != self._programmer_there:
            self._programmer_there = there
            self._journal.connected(there)

    def _hear(self) -> None:
        chunk = self._pump.read(LOOK_S)
        if not chunk:
            return
        self._journal.heard(chunk)
        try:
            self._programmer.write(chunk)
        except LinkStalled as problem:
            self.undelivered_bytes += len(chunk) - problem.passed_bytes
