"""Knows how a timeline reaches each implementation: bytes in, bytes out, a snapshot, and every stamped effect."""

from typing import Final, Protocol

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.native import NativeLibrary

Effect = tuple[int, int, int, int]
"""tick, code, arg_0, arg_1"""

EFFECTS_MAX: Final = 65_536
WHOLE: Final = 1 << 63
"""One credit for any stretch."""


class Machine(Protocol):
    """A device that a timeline can be played on. It is granted at most `credit_ticks` at a time, with `stop_mask`."""

    credit_ticks: int
    stop_mask: int

    @property
    def effects(self) -> list[Effect]: ...

    def receive(self, data: bytes) -> bytes: ...

    def snapshot(self) -> bytes: ...


class Reference:
    """The Python pump; `dense`: tick by tick instead of leaping."""

    credit_ticks = WHOLE
    stop_mask = 0

    def __init__(self, dense: bool = False) -> None:
        self._effects: list[Effect] = []
        self._device = Device(dense=dense)
        self._device.pump.on_effect = lambda *effect: self._effects.append(effect)

    @property
    def effects(self) -> list[Effect]:
        return self._effects

    def receive(self, data: bytes) -> bytes:
        return self._device.receive(data)

    def snapshot(self) -> bytes:
        return self._device.pump.snapshot()


class Native:
    """The C firmware, built for this machine; every tick is run."""

    credit_ticks = WHOLE
    stop_mask = 0

    def __init__(self, library: NativeLibrary) -> None:
        self._device = library.device()
        self._device.trace_effects(EFFECTS_MAX)
        self._effects: list[Effect] = []

    @property
    def effects(self) -> list[Effect]:
        self._effects += self._device.take_effects()
        return self._effects

    def receive(self, data: bytes) -> bytes:
        return self._device.receive(data)

    def snapshot(self) -> bytes:
        return self._device.snapshot()
