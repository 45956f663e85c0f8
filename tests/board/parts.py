"""The parts of a native device's state, read from its snapshot and put back; it judges nothing."""

from typing import Any

from pumpbench.firmware_emu.state import STATE_PARTS, Controller, Durable, Plant
from tests.board.bench import Bench

PARTS = dict(zip(("config", "controller", "durable", "plant", "memory"), STATE_PARTS, strict=True))


def parts_of(snapshot: bytes) -> dict[str, bytes]:
    """The canonical bytes of each part."""
    found, at = {}, 0
    for name, part in PARTS.items():
        size = len(part().to_bytes())
        found[name] = snapshot[at : at + size]
        at += size
    assert at == len(snapshot)
    return found


def state_of(bench: Bench) -> tuple[Controller, Durable, Plant]:
    parts = parts_of(bench.device.snapshot())  # type: ignore[attr-defined]
    return Controller.from_bytes(parts["controller"]), Durable.from_bytes(parts["durable"]), Plant.from_bytes(parts["plant"])


def change_plant(bench: Bench, **fields: Any) -> None:
    """Restores the state as it stands but for these fields of the plant."""
    parts = parts_of(bench.device.snapshot())  # type: ignore[attr-defined]
    plant = Plant.from_bytes(parts["plant"])
    for name, value in fields.items():
        setattr(plant, name, value)
    bench.device.restore(b"".join((parts | {"plant": plant.to_bytes()}).values()))  # type: ignore[attr-defined]
