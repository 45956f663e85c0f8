"""Snapshots: pages that join to the whole state, which goes on alike wherever it is put back; and what is no state."""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.digests import SNAPSHOT_BYTES
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.programs import PATIENT, treat
from pumpbench.hil.conformance.states import snapshot_of
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.conformance.timelines.player import decoded
from pumpbench.protocol.codes import Level, Refusal
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES as PAGE
from pumpbench.protocol.messages import (
    PatientBolus,
    ReadSnapshot,
    ReadStatus,
    Refused,
    Report,
    Restore,
    Status,
    WriteSnapshot,
)

SECTION: Final = "SEMANTICS 13, snapshot"
DIGESTS: Final = "SEMANTICS 2"


def write(pump: Subject, snapshot: bytes) -> None:
    """Every page into the restore buffer."""
    for offset in range(0, len(snapshot), PAGE):
        pump.done(WriteSnapshot(offset_bytes=offset, data=snapshot[offset : offset + PAGE]))


def restored(pump: Subject, snapshot: bytes) -> Report | Refused:
    """The answer to a restore of these bytes."""
    write(pump, snapshot)
    reply: Report | Refused = pump.ask(Restore(snapshot_crc=crc32c(snapshot)))
    return reply


def parts_of(snapshot: bytes) -> list[bytes]:
    """The bytes of config, controller, durable, plant and memory."""
    parts = []
    for cls in STATE_PARTS:
        size = layout_of(cls).size
        parts.append(snapshot[:size])
        snapshot = snapshot[size:]
    return parts


def _in_a_bolus(pump: Subject) -> bytes:
    pump.start()
    treat(pump, **PATIENT)
    pump.ask(PatientBolus())
    pump.at(200)
    return snapshot_of(pump)


@check("snapshot.is-what-the-digests-cover", DIGESTS, Level.L3)
def is_what_digests_cover(pump: Subject) -> None:
    """The digests of the report are the CRCs of the snapshot's parts: config, controller and durable; plant; memory backwards."""
    snapshot = _in_a_bolus(pump)
    report = pump.run_to(pump.tick)
    config, controller, durable, plant, memory = parts_of(snapshot)
    words = [memory[at : at + 4] for at in range(0, len(memory), 4)]
    backwards = b"".join(reversed(words))
    expected = {"controller_crc": config + controller + durable, "plant_crc": plant, "memory_crc": backwards}
    pump.expect_fields(report, **{name: crc32c(part) for name, part in expected.items()})


@check("snapshot.status-has-the-digests", "SEMANTICS 7.3", Level.L2)
def status_has_digests(pump: Subject) -> None:
    """Status gives the digests of the moment, after what the request itself did."""
    pump.start()
    treat(pump)
    status = pump.status()
    report = pump.run_to(pump.tick)
    for name in ("controller_crc", "plant_crc", "memory_crc"):
        pump.expect(f"Status.{name}", getattr(status, name), getattr(report, name))


@check("snapshot.says-what-status-says", SECTION, Level.L3)
def says_what_status_says(pump: Subject) -> None:
    """Fields of the durable part and of status that have one name have one value."""
    parts = decoded(_in_a_bolus(pump))
    status = pump.status()
    durable = {field.name for field in layout_of(type(parts["durable"])).fields}
    for field in layout_of(Status).fields:
        if field.name in durable:
            pump.expect(f"Status.{field.name}", getattr(status, field.name), getattr(parts["durable"], field.name))


@check("snapshot.goes-on-alike", SECTION, Level.L3)
def goes_on_alike(pump: Subject) -> None:
    """A state that is put back goes on as it did the first time: in digests, and in effects counted from there."""
    snapshot = _in_a_bolus(pump)
    ends = []
    for _ in range(2):
        report = restored(pump, snapshot)
        pump.expect_reply(report, Report)
        pump.expect_fields(report, reached_tick=200, reason=0, effect_count=0, effect_crc=0)
        ends.append(pump.at(4_000))
    pump.expect("the report at tick 4000, the second time", ends[1], ends[0])
    pump.expect("Report.effect_count since the restore: bolus ended, session timed out and closed", ends[0].effect_count, 3)


@check("snapshot.comes-back-byte-for-byte", SECTION, Level.L3)
def comes_back(pump: Subject) -> None:
    """What was put back is read again byte for byte, also over another state."""
    snapshot = _in_a_bolus(pump)
    pump.start(reservoir_estimated_nl=1_000_000)
    pump.at(50)
    pump.expect_reply(restored(pump, snapshot), Report)
    again = snapshot_of(pump)
    apart = next((at for at, (a, b) in enumerate(zip(again, snapshot, strict=False)) if a != b), None)
    pump.expect("first byte that differs", apart, None)
    pump.expect("bytes", len(again), len(snapshot))


@check("snapshot.session-goes-on-without-its-reply", SECTION, Level.L3)
def session_goes_on(pump: Subject) -> None:
    """The session in a snapshot is valid after the restore, but its stored reply is gone: a retry is stale."""
    pump.start()
    pump.open()
    wire = pump.frame(ReadStatus())
    pump.send(wire)
    snapshot = snapshot_of(pump)
    pump.expect_reply(restored(pump, snapshot), Report)
    pump.is_refused("the retry after a restore", pump.send(wire).message, Refusal.STALE_ID)
    pump.status()


@check("snapshot.page-must-begin-on-its-bound", SECTION, Level.L3)
def page_bounds(pump: Subject) -> None:
    """A page that begins elsewhere than at a multiple of 128, or beyond the end, is refused, to read and to write."""
    pump.start()
    size = len(snapshot_of(pump))
    pump.expect("bytes of a snapshot", size, SNAPSHOT_BYTES)
    beyond = (size + PAGE - 1) // PAGE * PAGE
    for offset in (1, PAGE - 1, PAGE + 1, beyond, 0xFFFF_FF80):
        pump.refused(ReadSnapshot(offset_bytes=offset), Refusal.PAGE_RANGE, size, offset)
        pump.refused(WriteSnapshot(offset_bytes=offset, data=bytes(PAGE)), Refusal.PAGE_RANGE, size, offset)
    for data in (b"", bytes(1), bytes(PAGE - 1)):
        pump.refused(WriteSnapshot(offset_bytes=0, data=data), Refusal.PAGE_RANGE, size, 0)
    last = size // PAGE * PAGE
    pump.refused(WriteSnapshot(offset_bytes=last, data=bytes(size - last + 1)), Refusal.PAGE_RANGE, size, last)


@check("snapshot.wrong-crc-changes-nothing", SECTION, Level.L3)
def wrong_crc(pump: Subject) -> None:
    """A restore that names another CRC than the buffer's is refused with both, and the state goes on."""
    snapshot = _in_a_bolus(pump)
    before = pump.at(300)
    write(pump, snapshot)
    crc = crc32c(snapshot)
    pump.refused(Restore(snapshot_crc=crc ^ 1), Refusal.SNAPSHOT_INVALID, crc, crc ^ 1)
    pump.expect("the report after the refusal", pump.run_to(300), before)


@check("snapshot.field-out-of-range-is-refused", SECTION, Level.L3)
def out_of_range(pump: Subject) -> None:
    """A snapshot with a field outside its range, or a program that is not sound, is refused whole and changes nothing."""
    snapshot = _in_a_bolus(pump)
    before = pump.run_to(pump.tick)
    start, spoilt = 0, []
    for cls in STATE_PARTS:
        layout = layout_of(cls)
        for field in layout.fields:
            if field.shape == "scalar" and field.hi < field.width_range[1]:
                value = (field.hi + 1).to_bytes(field.width_bytes, "little")
                at = start + field.offset
                spoilt.append((f"{layout.name}.{field.name} = {field.hi + 1}", at, value))
        start += layout.size
    controller = layout_of(STATE_PARTS[1])
    image = layout_of(STATE_PARTS[0]).size + controller.field("program").offset
    spoilt.append(("the program in force, no longer sound", image + 4, b"\xff"))
    write(pump, snapshot)
    for what, at, value in spoilt:
        reply = restored_page(pump, snapshot, at, value)
        pump.is_refused(f"Restore with {what}", reply, Refusal.SNAPSHOT_INVALID, 0, 0)
    pump.expect("the report after the refusals", pump.run_to(pump.tick), before)


def restored_page(pump: Subject, snapshot: bytes, at: int, value: bytes) -> Report | Refused:
    """The answer to a restore of the snapshot with other bytes at one place. The buffer holds the snapshot before and after."""
    spoilt = snapshot[:at] + value + snapshot[at + len(value) :]
    touched = {place // PAGE * PAGE for place in (at, at + len(value) - 1)}
    for offset in sorted(touched):
        pump.done(WriteSnapshot(offset_bytes=offset, data=spoilt[offset : offset + PAGE]))
    reply: Report | Refused = pump.ask(Restore(snapshot_crc=crc32c(spoilt)))
    for offset in sorted(touched):
        pump.done(WriteSnapshot(offset_bytes=offset, data=snapshot[offset : offset + PAGE]))
    return reply
