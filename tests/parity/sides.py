"""The two implementations behind one face: bytes in, bytes out, time, state, effects; knows no act and no law."""

from typing import Any, Protocol

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.native import NativeDevice, NativeLibrary
from tests.support import require

Effect = tuple[int, int, int, int]
"""tick, code, arg_0, arg_1"""

EFFECTS_MAX = 1 << 18


class Side(Protocol):
    """What a comparison asks of an implementation."""

    name: str

    def receive(self, data: bytes) -> bytes: ...
    def advance(self, ticks: int) -> bytes: ...
    def snapshot(self) -> bytes: ...
    def digests(self) -> tuple[int, int, int]: ...
    def take_effects(self) -> list[Effect]: ...


class Reference:
    """The Python pump; `dense` runs every tick where it would leap."""

    def __init__(self, build_id: int = 1, dense: bool = False) -> None:
        self.name = "Python, dense" if dense else "Python"
        self.device = Device(build_id=build_id, dense=dense)
        self._effects: list[Effect] = []
        self.device.pump.on_effect = self._hear

    @property
    def pump(self) -> Any:
        return self.device.pump

    def receive(self, data: bytes) -> bytes:
        return self.device.receive(data)

    def advance(self, ticks: int) -> bytes:
        return self.device.advance(ticks)

    def snapshot(self) -> bytes:
        return self.device.pump.snapshot()

    def digests(self) -> tuple[int, int, int]:
        return self.device.pump.digests()

    def take_effects(self) -> list[Effect]:
        taken, self._effects = self._effects, []
        return taken

    def _hear(self, tick: int, code: int, arg_0: int, arg_1: int) -> None:
        self._effects.append((tick, code, arg_0, arg_1))


class Firmware:
    """The C pump as a library."""

    name = "C"

    def __init__(self, library: NativeLibrary) -> None:
        self.device: NativeDevice = library.device()
        self.device.trace_effects(EFFECTS_MAX)

    def receive(self, data: bytes) -> bytes:
        return self.device.receive(data)

    def advance(self, ticks: int) -> bytes:
        return self.device.advance(ticks)

    def snapshot(self) -> bytes:
        return self.device.snapshot()

    def digests(self) -> tuple[int, int, int]:
        return self.device.digests()

    def take_effects(self) -> list[Effect]:
        return self.device.take_effects()


_libraries: list[NativeLibrary] = []


def library() -> NativeLibrary:
    """The firmware's library, built once for the whole run; leaves the test out where there is no compiler."""
    require("cc")
    require("make")
    if not _libraries:
        _libraries.append(NativeLibrary())
    return _libraries[0]
