"""Knows how a timeline reaches each implementation: bytes in, bytes out, a snapshot, and every stamped effect."""

from typing import Protocol

from pumpbench.firmware_emu.device import Device

Effect = tuple[int, int, int, int]
"""tick, code, arg_0, arg_1"""


class Machine(Protocol):
    """A device that a timeline can be played on."""

    effects: list[Effect]

    def receive(self, data: bytes) -> bytes: ...

    def snapshot(self) -> bytes: ...


class Reference:
    """The Python pump; `dense`: tick by tick instead of leaping."""

    def __init__(self, dense: bool = False) -> None:
        self.effects: list[Effect] = []
        self._device = Device(dense=dense)
        self._device.pump.on_effect = lambda *effect: self.effects.append(effect)

    def receive(self, data: bytes) -> bytes:
        return self._device.receive(data)

    def snapshot(self) -> bytes:
        return self._device.pump.snapshot()
