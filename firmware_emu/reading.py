"""Knows what the pump answers when it is read; it must not change anything.

Section 7.3 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Any

from pumpbench.firmware_emu.arithmetic import U32_MAX, mod, u32
from pumpbench.firmware_emu.boluses import owed_nl
from pumpbench.firmware_emu.delivery import arbitrate
from pumpbench.firmware_emu.digests import told_digests
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.service import replace_by_life_ticks
from pumpbench.firmware_emu.store import read_entry
from pumpbench.protocol.codes import ProgramSource
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import FLEX_STEPS, LOG_CAPACITY, LOG_PAGE_ENTRIES
from pumpbench.protocol.messages import (
    Account,
    Alarms,
    FlexRead,
    FlexStep,
    LogEntry,
    LogPage,
    ProgramRead,
    ReadFlex,
    ReadLog,
    ReadProgram,
    Record,
    Status,
    Telemetry,
)


def _same_named(reply: type, *sources: Any) -> dict[str, int]:
    """Fields of a reply that carry the name of a state field, from the first source that has it."""
    names = [field.name for field in layout_of(reply).fields]
    return {n: getattr(source, n) for source in reversed(sources) for n in names if hasattr(source, n)}


def status(machine: Machine) -> Status:
    """After the request's writes: its digests are those of what then stands."""
    basal, kind, _ = arbitrate(machine)
    controller_crc, plant_crc, memory_crc = told_digests(machine)
    return Status(**_same_named(Status, machine.durable, machine.controller, machine.counters) | {
        "mode": machine.plan.mode,
        "bolus_kind": kind,
        "rate_nl_per_day": basal,
        "owed_nl": u32(owed_nl(sum(machine.durable.owed_q))),
        "replace_by_life_ticks": replace_by_life_ticks(machine),
        "program_crc": crc32c(machine.controller.program),
        "controller_crc": controller_crc,
        "plant_crc": plant_crc,
        "memory_crc": memory_crc,
    })  # fmt: skip


def telemetry(machine: Machine) -> Telemetry:
    """A sample of what the status would say; steps and age keep their low 32 bits."""
    basal, kind, _ = arbitrate(machine)
    return Telemetry(**_same_named(Telemetry, machine.durable, machine.controller) | {
        "bolus_kind": kind,
        "rate_nl_per_day": basal,
        "owed_nl": u32(owed_nl(sum(machine.durable.owed_q))),
        "step_count": machine.durable.step_count & U32_MAX,
        "life_ticks": machine.durable.life_ticks & U32_MAX,
    })  # fmt: skip


def _image(machine: Machine, source: int) -> bytes | None:
    controller = machine.controller
    if source == ProgramSource.IN_FORCE:
        return bytes(controller.program)
    return bytes(controller.staged) if controller.staged_present else None


def read_program(machine: Machine, asked: ReadProgram) -> ProgramRead:
    image = _image(machine, asked.source)
    program = Program() if image is None else Program.from_bytes(image)
    return ProgramRead(**_same_named(ProgramRead, program) | {
        "source": asked.source,
        "present": int(image is not None),
        "program_crc": 0 if image is None else crc32c(image),
    })  # fmt: skip


def read_flex(machine: Machine, asked: ReadFlex) -> FlexRead:
    image = _image(machine, asked.source)
    program = Program() if image is None else Program.from_bytes(image)
    count = program.flex_1_count if asked.schedule else program.flex_0_count
    first = FLEX_STEPS * asked.schedule
    pairs = zip(program.flex_start_minute[first:][:count], program.flex_dose_ng[first:][:count], strict=True)
    steps = tuple(FlexStep(start_minute=minute, dose_ng=dose) for minute, dose in pairs)
    return FlexRead(source=asked.source, schedule=asked.schedule, steps=steps)


def read_alarms(machine: Machine) -> Alarms:
    """Raise ticks in the order of the alarms' numbers."""
    ticks = [field.name for field in layout_of(Alarms).fields if field.name.endswith("_tick")]
    raised = dict(zip(ticks, machine.durable.alarm_raise_tick, strict=True))
    return Alarms(**_same_named(Alarms, machine.durable, machine.controller) | raised)


def read_log(machine: Machine, asked: ReadLog) -> LogPage:
    """Up to a page of entries in order of their sequence; those that do not verify are left out."""
    next_seq = machine.controller.log_next_seq
    oldest = next_seq - min(next_seq, LOG_CAPACITY)
    found: list[LogEntry] = []
    for seq in range(max(asked.from_seq, oldest), next_seq):
        entry = read_entry(machine.memory, mod(seq, LOG_CAPACITY))
        if entry is not None and entry.entry_seq == seq and len(found) < LOG_PAGE_ENTRIES:
            found.append(LogEntry(**entry._asdict()))
    return LogPage(oldest_seq=oldest, next_seq=next_seq, entries=tuple(found))


def read_record(machine: Machine) -> Record:
    concentration = machine.plan.concentration
    return Record(**_same_named(Record, machine.durable, machine.identity) | {"concentration_ug_per_ml": concentration})


def read_account(machine: Machine) -> Account:
    return Account(**_same_named(Account, machine.durable) | {"owed_q": sum(machine.durable.owed_q)})
