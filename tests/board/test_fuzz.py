"""Whatever bytes, requests, faults and restored states come, the sanitized firmware finds no fault in itself and answers well."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.codes import Fault, Refusal, Role
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import Field, Layout, layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import (
    REGISTRY,
    Bolus,
    FlexStep,
    Identified,
    Identify,
    Inject,
    PatientBolus,
    Prime,
    ReadSnapshot,
    Refused,
    Report,
    Restore,
    RunTo,
    SnapshotPage,
    Subscribe,
    WriteSnapshot,
)
from tests.board import workshop
from tests.board.bench import START, Bench, StdioDevice
from tests.support import effort, rng

REQUESTS = [cls for cls in REGISTRY if layout_of(cls).kind == "request"]


def value_for(draw: random.Random, field: Field) -> int:
    """An edge, something small, or anything in range."""
    near = (field.lo, field.hi, field.lo + 1, draw.randint(0, 10), draw.randint(0, 100_000))
    return min(max(draw.choice((*near, draw.randint(field.lo, field.hi))), field.lo), field.hi)


def request_for(draw: random.Random, cls: Any, tick: int) -> Any:
    layout: Layout = layout_of(cls)
    values: dict[str, Any] = {field.name: value_for(draw, field) for field in layout.fields}
    if layout.tail and layout.tail.item is None:
        values[layout.tail.name] = draw.randbytes(draw.choice((0, 1, 127, 128)))
    elif layout.tail:
        starts = range(0, 90 * draw.randrange(17), 90)
        values[layout.tail.name] = tuple(FlexStep(start_minute=at, dose_ng=draw.randrange(200_000)) for at in starts)
    if layout.name == "RunTo":
        values["target_tick"] = min(tick + draw.choice((0, 1, 30, 400, 4_000, 40_000)), 2**64 - 1)
    if layout.name == "ResetToStart" and draw.random() < 0.9:
        return START
    return cls(**values)


def noise(draw: random.Random, bench: Bench) -> bytes:
    frame = bytearray(bench.frame(request_for(draw, draw.choice(REQUESTS), bench.tick)))
    for _ in range(draw.randrange(1, 4)):
        frame[draw.randrange(len(frame))] = draw.randrange(256)
    return bytes(frame) if draw.random() < 0.7 else draw.randbytes(draw.randrange(600))


def snapshot_of(bench: Bench) -> bytes | None:
    """None where the device is not armed."""
    first = bench.ask(ReadSnapshot(offset_bytes=0))
    if not isinstance(first, SnapshotPage):
        return None
    offsets = range(0, first.snapshot_bytes, SNAPSHOT_PAGE_BYTES)
    return b"".join(bench.ask(ReadSnapshot(offset_bytes=at)).data for at in offsets)


def bent(draw: random.Random, snapshot: bytes) -> bytes:
    """The same state with fields set anywhere in their ranges, and blobs with any bytes."""
    made, at = b"", 0
    for part in STATE_PARTS:
        state = part.from_bytes(snapshot[at : at + len(part().to_bytes())])
        at += len(part().to_bytes())
        for field in draw.sample(layout_of(part).fields, min(3, len(layout_of(part).fields))):
            setattr(state, field.name, _bent_value(draw, field, getattr(state, field.name)))
        made += state.to_bytes()
    return made


def _bent_value(draw: random.Random, field: Field, old: Any) -> Any:
    if field.shape == "scalar":
        return value_for(draw, field)
    if field.shape == "array":
        return [value_for(draw, field) if draw.random() < 0.5 else one for one in old]
    # A bent program is seldom sound, and then the whole snapshot is refused: most of the time it stays.
    share = 0.02 if field.name == "words" or draw.random() < 0.2 else 0
    return bytearray(draw.randrange(256) if draw.random() < share else one for one in old)


def restore(bench: Bench, snapshot: bytes) -> Any:
    for at in range(0, len(snapshot), SNAPSHOT_PAGE_BYTES):
        bench.ask(WriteSnapshot(offset_bytes=at, data=snapshot[at : at + SNAPSHOT_PAGE_BYTES]))
    return bench.ask(Restore(snapshot_crc=crc32c(snapshot)))


def fault_for(draw: random.Random) -> Inject:
    return Inject(fault=draw.randint(1, Fault.LINE_SET), arg_0=draw.choice((0, 1, 2, 300)), arg_1=0, arg_2=0)


def reopen(draw: random.Random, bench: Bench) -> None:
    bench.session = 0
    bench.open(draw.choice((Role.CLINICIAN, Role.CLINICIAN, Role.PATIENT)), draw.randrange(9))


def act(draw: random.Random, bench: Bench) -> None:
    """One act of a host that means well, of one that does not, or of the bench."""
    acts: list[tuple[int, Callable[[], Any]]] = [
        (10, lambda: bench.send(noise(draw, bench))),
        (3, lambda: reopen(draw, bench)),
        (3, lambda: bench.ask(Subscribe(period_ticks=draw.choice((1, 7, 1_000))))),
        (8, lambda: bench.commit()),
        (4, lambda: bench.ask(PatientBolus())),
        (4, lambda: bench.ask(Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=draw.choice((10, 600))))),
        (3, lambda: bench.ask(Prime(scope=3, volume_nl=310_000))),
        (8, lambda: bench.ask(fault_for(draw))),
        (15, lambda: bench.ask(request_for(draw, RunTo, bench.tick))),
        (2, lambda: restore_bent(draw, bench)),
        (40, lambda: bench.ask(request_for(draw, draw.choice(REQUESTS), bench.tick))),
    ]
    reply = draw.choices([one for _, one in acts], [weight for weight, _ in acts])[0]()
    if isinstance(reply, Refused) and reply.refusal == Refusal.SESSION_UNKNOWN:
        reopen(draw, bench)


def restore_bent(draw: random.Random, bench: Bench) -> None:
    snapshot = snapshot_of(bench)
    if snapshot is not None:
        reply = restore(bench, bent(draw, snapshot))
        assert isinstance(reply, Report) or reply.refusal == Refusal.SNAPSHOT_INVALID


@pytest.mark.parametrize("walk", range(effort(6, 400)))
def test_sanitized_firmware_survives_any_conversation(walk: int) -> None:
    draw = rng(f"board fuzz {walk}")
    with StdioDevice(workshop.sanitized()) as device:
        bench = Bench(device)
        bench.arm()
        for _ in range(400):
            act(draw, bench)
            if draw.random() < 0.03:
                bench.arm()
        assert isinstance(bench.ask(Identify()), Identified)
        assert device.finish() == (0, b"")
    assert not bench.bad
