"""The parts of a native device's state, read from its snapshot and put back; it judges nothing."""

from typing import Any

from pumpbench.firmware_emu.state import STATE_PARTS, Controller, Durable, Plant
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import ReadSnapshot
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
    return _three(bench.device.snapshot())  # type: ignore[attr-defined]


def state_told(bench: Bench) -> tuple[Controller, Durable, Plant]:
    """The same of any armed device, page by page over its link."""
    size = bench.ask(ReadSnapshot(offset_bytes=0)).snapshot_bytes
    return _three(b"".join(bench.ask(ReadSnapshot(offset_bytes=at)).data for at in range(0, size, SNAPSHOT_PAGE_BYTES)))


def _three(snapshot: bytes) -> tuple[Controller, Durable, Plant]:
    parts = parts_of(snapshot)
    return Controller.from_bytes(parts["controller"]), Durable.from_bytes(parts["durable"]), Plant.from_bytes(parts["plant"])


def change(bench: Bench, part: str, **fields: Any) -> None:
    """Restores the state as it stands but for these fields of a part."""
    parts = parts_of(bench.device.snapshot())  # type: ignore[attr-defined]
    state = PARTS[part].from_bytes(parts[part])
    for name, value in fields.items():
        setattr(state, name, value)
    bench.device.restore(b"".join((parts | {part: state.to_bytes()}).values()))  # type: ignore[attr-defined]
