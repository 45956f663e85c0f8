"""Gives a conversation exactly the bytes that it asks for next, however they arrive; knows no message and moves no byte."""

from collections.abc import Generator
from typing import Any

Asking = Generator[int, bytes, Any]
"""Yields how many bytes it wants, and is sent them."""


class PeerBroken(Exception):
    """The other side speaks no such protocol, or against it: one line, what came and what was expected."""


class Script:
    """One side of a conversation. What it raises comes out of `feed`; once it returns, `ended` is true and bytes are dropped."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._waiting = bytearray()
        self._wanted = next(asking)
        self.ended = False
        self.taken_count = 0
        """How often it was given what it had asked for."""

    @property
    def waiting_bytes(self) -> int:
        """Of what was begun and is not whole."""
        return len(self._waiting)

    def feed(self, data: bytes) -> None:
        self._waiting += data
        while not self.ended and len(self._waiting) >= self._wanted:
            taken = bytes(self._waiting[: self._wanted])
            del self._waiting[: self._wanted]
            self.taken_count += 1
            try:
                self._wanted = self._asking.send(taken)
            except StopIteration:
                self.ended = True
                self._waiting.clear()
